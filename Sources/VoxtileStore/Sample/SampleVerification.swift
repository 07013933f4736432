import Synchronization
import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Whether a folder of training patches holds what its list says.
public struct SampleVerification: Sendable {
  /// The list.
  public let manifest: SampleManifest
  /// Everything that is wrong, in patch order; the number of a finding is the place of the patch in the list.
  public let findings: [PatchStore.Finding]
  /// Files in the folder that the list does not name.
  public let unlistedFiles: [String]
  /// How many scans the patches were compared with; 0 where they were compared with none.
  public let comparedScans: Int

  /// Whether a folder is one of training patches.
  public static func isSampleSet(_ folder: String) -> Bool {
    FormatProbe("\(folder)/\(SampleManifest.fileName)").kind == .file
  }

  /// Checks every file: that it is there and as it was written, of the right size, in the right place, and that labels are as
  /// many as the list says.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - sources: a file, or a folder, with images and labels that the patches were taken of, known by their checksums; voxels
  ///     are compared with those. `nil` to compare with the list only.
  ///   - limits: how much of the machine is used.
  ///   - progress: who follows the job.
  /// - Throws: `VoxtileError` where the list cannot be read, or none of the sources is there; and what the progress throws.
  public init(
    of folder: String, against sources: String? = nil, limits: JobLimits = JobLimits(),
    progress: JobProgress = .none
  ) throws {
    let manifest = try SampleManifest(contentsOf: "\(folder)/\(SampleManifest.fileName)")
    let originals = try sources.map { try SampleOriginals(of: manifest, at: $0) }
    let done = Mutex(0)
    let findings = try limits.jobs.mapThrowing(manifest.patches.count) { place in
      let check = SamplePatchCheck(manifest, place: place, folder: folder, originals: originals)
      let findings = check.findings()
      let count = done.withLock { done in
        done += 1
        return done
      }
      try progress(count, of: manifest.patches.count)
      return findings
    }
    self.manifest = manifest
    self.findings = findings.flatMap(\.self)
    comparedScans = originals?.scanCount ?? 0
    let listed = Set(manifest.patches.flatMap { ($0.images ?? []) + [$0.labels].compactMap(\.self) })
    unlistedFiles = try Self.files(in: folder).filter { name in
      ![SampleManifest.fileName, "dataset.json", "splits_final.json"].contains(name) && !listed.contains(name)
    }
  }

  /// All files in a folder and those inside it, as paths below it, sorted.
  static func files(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.subpathsOfDirectory(atPath: folder)
        .filter { FormatProbe("\(folder)/\($0)").kind == .file }.sorted()
    } catch {
      throw VoxtileError(.fileAccess, "cannot be listed", context: .init(file: folder), underlying: error)
    }
  }
}

/// The files that patches were taken of, as far as they are there.
struct SampleOriginals: Sendable {
  private let readers: [String: any VolumeReader]
  /// How many scans have a file there.
  let scanCount: Int

  /// Finds files by their checksums.
  ///
  /// - Throws: `VoxtileError.Code.invalidOption` where there is none.
  init(of manifest: SampleManifest, at path: String) throws {
    let wanted = Set(manifest.scans.flatMap { $0.images + [$0.labels] }.map(\.checksum))
    let paths =
      FormatProbe(path).kind == .folder
      ? try SampleVerification.files(in: path).map { "\(path)/\($0)" } : [path]
    var readers: [String: any VolumeReader] = [:]
    for path in paths {
      let checksum = try Checksum(ofFile: path).description
      guard wanted.contains(checksum), readers[checksum] == nil else { continue }
      let reader = try ImageFormats.open(path)
      readers[checksum] = reader.isRandomAccess ? reader : try ScratchVolume(copying: reader)
    }
    guard !readers.isEmpty else {
      throw VoxtileError(
        .invalidOption,
        "holds none of the files that the patches were taken of, or they were changed since; name those",
        context: .init(file: path))
    }
    self.readers = readers
    scanCount = manifest.scans.count { scan in
      (scan.images + [scan.labels]).contains { readers[$0.checksum] != nil }
    }
  }

  /// What a file of the list can be read from; `nil` where it is not there.
  func reader(of source: SampleManifest.Source) -> (any VolumeReader)? { readers[source.checksum] }
}
