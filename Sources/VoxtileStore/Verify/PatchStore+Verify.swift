import Synchronization
import Voxtile
import VoxtileFormats

extension PatchStore {
  /// One thing that is wrong with a patch folder.
  public struct Finding: Hashable, Sendable, Codable {
    /// The kinds of things that can be wrong.
    @nonexhaustive
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
  /// with an image. Where the manifest lies in another folder, the files are another tool's outputs, which have other bytes
  /// and perhaps other types. Then it is checked that each patch has a file that can be read whole, of the right size and in
  /// the right place.
  ///
  /// - Parameters:
  ///   - input: the path of the image, to compare voxel by voxel; `nil` to compare with the manifest only.
  ///   - pattern: how the files are called, as in ``MergeOptions/pattern``.
  ///   - limits: how much of the machine is used.
  ///   - progress: who follows the job.
  /// - Returns: what is wrong. A finding is a result, not an error.
  /// - Throws: `VoxtileError` where the folder or the image cannot be read, or the image is not of the
  ///   manifest's shape and type, `VoxtileError.Code.memoryTooLow`; and what the progress throws.
  public func verify(
    against input: String? = nil, pattern: String? = nil, limits: JobLimits = JobLimits(),
    progress: JobProgress = .none
  ) throws -> VerifyReport {
    let files = try PatchFileSearch(in: self, pattern: pattern)
    let findings = Mutex<[Finding]>([])
    if let input {
      try compare(with: input, limits: limits, progress: progress) { patch, original in
        let found = check(patch, among: files, original: original)
        findings.withLock { $0 += found }
      }
    } else {
      let done = ProgressCounter(progress, of: manifest.grid.count)
      try limits.jobs.forEachThrowing(manifest.grid.count) { index in
        let found = check(manifest.grid[index], among: files, original: nil)
        findings.withLock { $0 += found }
        try done.countOne()
      }
    }
    let found = manifest.grid.flatMap { files.candidates(for: $0) }
    let listed = Set(
      [Manifest.fileName]
        + (holdsCutPatches ? manifest.entries.map(\.file) : found.compactMap(Self.topFolder)))
    return VerifyReport(
      findings: findings.withLock { $0.sorted { ($0.patch, $0.message) < ($1.patch, $1.message) } },
      unlistedFiles: files.names.subtracting(listed).sorted(), coverage: manifest.grid.coverage)
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
    do {
      try reader.info.checkOnGrid(of: source.info, named: "the image", otherName: "the one that was cut")
    } catch {
      throw error.inFile(input)
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
          manifest.grid, of: reader.info, isRandomAccess: reader.isRandomAccess,
          bufferBytes: reader.bufferByteCount, limits: limits.onThisMachine),
        progress: progress)
      try cutter.forEachPatch(of: type) { patch, volume in body(patch, written(volume, at: patch)) }
    }
    do {
      try run(source.scalarType.type)
      try reader.checkFileUnchanged()
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// A patch of the image as its file should have it.
  private func written(_ volume: Volume<some VoxelScalar>, at patch: Patch) -> any AnyVolume {
    let stored = manifest.values?.stored(volume, sourceScaling: manifest.source.scaling) ?? volume
    func turn(_ volume: some AnyVolume) -> any AnyVolume {
      manifest.entries[patch.index].axes.turned(volume.typed)
    }
    return turn(stored)
  }

  /// The first part of a path in the folder.
  private static func topFolder(of path: String) -> String? {
    path.split(separator: "/").first.map(String.init)
  }

  /// Everything that is wrong with one patch.
  private func check(_ patch: Patch, among files: PatchFileSearch, original: (any AnyVolume)?) -> [Finding] {
    let entry = manifest.entries[patch.index]
    let candidates = files.candidates(for: patch)
    var findings: [Finding] = []
    func report(_ kind: Finding.Kind, _ message: String) {
      findings.append(Finding(kind: kind, patch: patch.index, file: entry.file, message: message))
    }
    let file = holdsCutPatches ? entry.file : candidates.first ?? entry.file
    let others = candidates.filter { $0 != file }
    guard candidates.contains(file) else {
      let instead = others.isEmpty ? "" : "; there is \(others.joined(separator: ", ")) instead"
      report(.missing, "the file of patch \(patch.index) is missing\(instead)")
      return findings
    }
    if !others.isEmpty {
      report(.duplicate, "patch \(patch.index) is also in \(others.joined(separator: ", "))")
    }
    do {
      let path = "\(folder)/\(file)"
      if holdsCutPatches {
        let bytes = try Checksum.byteCount(ofImage: path)
        let most = maxFileBytes(of: patch)
        guard bytes <= most else {
          report(.corrupt, "has \(bytes) bytes; the file that was written had at most \(most)")
          return findings
        }
        let checksum = try Checksum(ofImage: path)
        if checksum != entry.checksum {
          report(.corrupt, "checksum is \(checksum), the manifest says \(entry.checksum)")
        }
      }
      let reader = try ImageFormats.open(path)
      for (kind, message) in faults(of: reader.info, as: patch, file: file) { report(kind, message) }
      if !holdsCutPatches { try reader.forEachSlab { _, _ in } }
      if let original, let message = try difference(reader, from: original) {
        report(.different, message)
      }
    } catch {
      let message = (error as? VoxtileError)?.message ?? "\(error)"
      report(.unreadable, message)
    }
    return findings
  }

  /// More bytes than the file of a patch can have, whatever its format: those of its voxels and of the header of the image, an
  /// eighth for what compression may add to data that cannot be compressed, and 1 MiB for all else.
  ///
  /// A longer file is not the one that was written, whatever its checksum is, so it need not be read.
  private func maxFileBytes(of patch: Patch) -> Int {
    let info = manifest.expectedInfo(of: patch)
    let voxels = MemoryCost.product(
      patch.region.extent.voxelCountIfRepresentable ?? .max, info.channels, info.scalarType.byteCount)
    return MemoryCost.sum(voxels, voxels / 8, 2 * (info.metadata.header?.bytes.count ?? 0), 1 << 20)
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
