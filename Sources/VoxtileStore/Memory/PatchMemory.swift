import Voxtile
import VoxtileFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension PatchGrid {
  /// Makes sure that a patch can be held in memory before one is cut: a padded patch may be of any size,
  /// however small the image is.
  ///
  /// - Throws: `VoxtileError.Code.invalidGrid` where one patch needs more than the machine has.
  func checkPatchFitsMemory(channels: Int, scalarType: ScalarType) throws {
    let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let (voxelBytes, isWide) = channels.multipliedReportingOverflow(by: scalarType.byteCount)
    let bytes = patch.voxelCountIfRepresentable?.multipliedReportingOverflow(by: voxelBytes)
    if let bytes, !isWide, !bytes.overflow, bytes.partialValue <= memory { return }
    throw VoxtileError(
      .invalidGrid,
      "a patch of \(patch) voxels, \(voxelBytes) bytes each, needs more than the \(memory >> 20) MiB of memory "
        + "of this machine; use a smaller patch",
      context: .init(expected: "at most \(memory) bytes", found: "\(patch) voxels of \(voxelBytes) bytes"))
  }
}
