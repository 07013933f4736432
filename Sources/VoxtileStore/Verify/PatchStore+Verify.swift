import Synchronization
import Voxtile
import VoxtileFormats

extension PatchStore {
  /// One thing that is wrong with a patch folder.
  public struct Finding: Hashable, Sendable, Codable {
    /// The kinds of things that can be wrong.
    public enum Kind: String, Hashable, Sendable, Codable {
      /// There is no file for a patch.
      case missing
      /// There are several files for a patch.
      case duplicate
      /// A file's bytes are not those that were written.
      case corrupt
      /// A file cannot be read as an image.
      case unreadable
      /// A patch has another size or number of channels.
      case wrongShape
      /// A patch has another scalar type.
      case wrongType
      /// A patch says that it lies somewhere else.
      case misplaced
      /// A patch's voxels are not those of the image.
      case different
    }
    /// What is wrong.
    public var kind: Kind
    /// The number of the patch.
    public var patch: Int
    /// The file concerned.
    public var file: String
    /// What was found, and what was expected.
    public var message: String
  }

  /// What a verification found.
  public struct VerifyReport: Sendable {
    /// Everything that is wrong, in patch order; empty where nothing is.
    public let findings: [Finding]
    /// Files in the folder that the manifest does not name.
    public let unlistedFiles: [String]
    /// How the patches cover the image.
    public let coverage: Coverage
  }

  /// Checks every patch file of the folder against the manifest, and against the image it was cut from.
  ///
  /// The checksum of its bytes, and what its header says, are compared with the manifest; its voxels only
  /// with an image.
  ///
  /// - Parameters:
  ///   - input: the path of the image, to compare voxel by voxel; `nil` to compare with the manifest only.
  ///   - limits: how much of the machine is used.
  ///   - progress: who follows the job.
  /// - Returns: what is wrong. A finding is a result, not an error.
  /// - Throws: `VoxtileError` where the folder or the image cannot be read, or the image is not of the
  ///   manifest's shape and type, `VoxtileError.Code.memoryTooLow`; and what the progress throws.
  public func verify(
    against input: String? = nil, limits: JobLimits = JobLimits(), progress: JobProgress = .none
  ) throws -> VerifyReport {
    let files = try fileNames()
    let findings = Mutex<[Finding]>([])
    if let input {
      try compare(with: input, limits: limits, progress: progress) { patch, original in
        let found = check(patch, among: files, original: original)
        findings.withLock { $0 += found }
      }
    } else {
      let done = Mutex(0)
      try limits.jobs.forEachThrowing(manifest.grid.count) { index in
        let found = check(manifest.grid[index], among: files, original: nil)
        findings.withLock { $0 += found }
        let count = done.withLock { done in
          done += 1
          return done
        }
        try progress(count, of: manifest.grid.count)
      }
    }
    let listed = Set(manifest.entries.map(\.file) + [Manifest.fileName])
    return VerifyReport(
      findings: findings.withLock { $0.sorted { ($0.patch, $0.message) < ($1.patch, $1.message) } },
      unlistedFiles: files.subtracting(listed).sorted(), coverage: manifest.grid.coverage)
  }

  /// Cuts the image again and hands each patch to a body.
  private func compare(
    with input: String, limits: JobLimits, progress: JobProgress,
    _ body: @escaping @Sendable (Patch, any AnyVolume) -> Void
  ) throws {
    let reader = try ImageFormats.open(input)
    let source = manifest.source
    guard reader.info.extent == source.extent, reader.info.channels == source.channels else {
      throw VoxtileError(
        .shapeMismatch,
        "is \(reader.info.channels) x \(reader.info.extent), but the patches were cut from "
          + "\(source.channels) x \(source.extent) (\(source.name)); name that image",
        context: .init(file: input, expected: "\(source.extent)", found: "\(reader.info.extent)"))
    }
    guard reader.info.scalarType == source.scalarType else {
      throw VoxtileError(
        .typeMismatch,
        "holds \(reader.info.scalarType.rawValue), but the patches were cut from "
          + "\(source.scalarType.rawValue) (\(source.name)); name that image",
        context: .init(
          file: input, expected: source.scalarType.rawValue, found: reader.info.scalarType.rawValue))
    }
    try MemoryCost.checkPatch(of: manifest.grid, channels: source.channels, scalarType: source.scalarType)
    func run<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
      let cutter = PatchCutter(
        reader: reader, grid: try manifest.grid.forStoredValues(source.scaling),
        plan: try MemoryPlan.crop(
          manifest.grid, of: reader.info, isRandomAccess: reader.isRandomAccess, limits: limits),
        progress: progress)
      try cutter.forEachPatch(of: type) { patch, volume in body(patch, volume) }
    }
    do {
      try run(source.scalarType.type)
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// Everything that is wrong with one patch.
  private func check(_ patch: Patch, among files: Set<String>, original: (any AnyVolume)?) -> [Finding] {
    let entry = manifest.entries[patch.index]
    var findings: [Finding] = []
    func report(_ kind: Finding.Kind, _ message: String) {
      findings.append(Finding(kind: kind, patch: patch.index, file: entry.file, message: message))
    }
    let others = candidates(for: entry.file, among: files).filter { $0 != entry.file }
    guard files.contains(entry.file) else {
      let instead = others.isEmpty ? "" : "; there is \(others.joined(separator: ", ")) instead"
      report(.missing, "the file of patch \(patch.index) is missing\(instead)")
      return findings
    }
    if !others.isEmpty {
      report(.duplicate, "patch \(patch.index) is also in \(others.joined(separator: ", "))")
    }
    do {
      let checksum = try Checksum(ofFile: path(of: patch))
      if checksum != entry.checksum {
        report(.corrupt, "checksum is \(checksum), the manifest says \(entry.checksum)")
      }
      let reader = try ImageFormats.open(path(of: patch))
      let keepsPlace = ImageFormats.registry.format(forName: entry.file)?.keepsPlace ?? true
      for (kind, message) in mismatches(
        of: reader.info, with: manifest.expectedInfo(of: patch), keepsPlace: keepsPlace)
      {
        report(kind, message)
      }
      if let original, let message = try difference(reader, from: original) {
        report(.different, message)
      }
    } catch {
      let message = (error as? VoxtileError)?.message ?? "\(error)"
      report(.unreadable, message)
    }
    return findings
  }

  private func mismatches(
    of found: VolumeInfo, with expected: VolumeInfo, keepsPlace: Bool
  ) -> [(Finding.Kind, String)] {
    var mismatches: [(Finding.Kind, String)] = []
    if found.extent != expected.extent || found.channels != expected.channels {
      mismatches.append(
        (
          .wrongShape,
          "is \(found.channels) x \(found.extent), should be \(expected.channels) x \(expected.extent)"
        ))
    }
    if found.scalarType != expected.scalarType {
      mismatches.append(
        (
          .wrongType,
          "holds \(found.scalarType.rawValue), should hold \(expected.scalarType.rawValue)"
        ))
    }
    let numbers = zip(found.metadata.affine.rows.joined(), expected.metadata.affine.rows.joined())
    // NIfTI-1 keeps single precision: 24 bits.
    if keepsPlace, !numbers.allSatisfy({ abs($0 - $1) <= 1e-4 + 1e-6 * abs($1) }) {
      let place = found.metadata.affine.world(x: 0, y: 0, z: 0).all
      let due = expected.metadata.affine.world(x: 0, y: 0, z: 0).all
      mismatches.append((.misplaced, "lies at \(place) mm, should lie at \(due) mm"))
    }
    return mismatches
  }

  /// How a patch's voxels differ from the image's, or `nil` where they do not.
  private func difference(_ reader: any VolumeReader, from original: any AnyVolume) throws -> String? {
    let info = reader.info
    guard info.scalarType == original.scalarType, info.extent == original.extent,
      info.channels == original.channels
    else { return nil }
    func compare(_ original: some AnyVolume) throws -> String? {
      try VoxelDifference(of: reader, from: original.typed)?.message
    }
    return try compare(original)
  }
}
