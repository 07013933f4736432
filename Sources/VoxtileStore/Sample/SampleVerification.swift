import Voxtile
import VoxtileFormats

/// Whether a folder of training patches holds what its list says.
public struct SampleVerification: Sendable {
  /// The list.
  public let manifest: SampleManifest
  /// Everything that is wrong: with the list itself, then scan by scan with its patches. The number of a finding is the place of the
  /// patch in the list.
  public let findings: [PatchStore.Finding]
  /// Files in the folder that the list does not name.
  public let unlistedFiles: [String]
  /// How many scans the patches were compared with, images and labels; 0 where they were compared with none.
  public let comparedScans: Int
  /// How many scans only some of whose files were found, with which the patches were compared.
  public let partlyComparedScans: Int

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
  ///     are compared with those. Where all files of a scan are there, its components are found and its patches are chosen once
  ///     more, and both compared with the list. `nil` to compare with the list only. Where only a list was written, labels are
  ///     counted in the scans.
  ///   - limits: how much of the machine is used.
  ///   - progress: who follows the job.
  /// - Throws: `VoxtileError` where the list cannot be read, or none of the sources is there; and what the progress throws.
  public init(
    of folder: String, against sources: String? = nil, limits: JobLimits = JobLimits(),
    progress: JobProgress = .none
  ) throws {
    let manifest = try SampleManifest(contentsOf: "\(folder)/\(SampleManifest.fileName)")
    let originals = try sources.map { try SampleOriginals(of: manifest, foundIn: $0) }
    let done = ProgressCounter(progress, of: manifest.patches.count)
    var findings: [PatchStore.Finding] = []
    let places = Dictionary(manifest.placesByScan.map { ($0.scan, $0.places) }) { first, _ in first }
    // Scan by scan, since each is inflated while its patches are compared.
    for scan in manifest.scans {
      let own = places[scan.name] ?? []
      if let files = originals?.scan(scan) {
        findings += try SampleRepetition(manifest, of: scan, places: own)
          .findings(choosingFrom: files, limits: limits)
      }
      let opened = own.isEmpty ? nil : try originals?.open(scan)
      findings += try limits.jobs.mapThrowing(own.count) { number in
        let check = SamplePatchCheck(manifest, place: own[number], folder: folder, originals: opened)
        let findings = check.findings()
        try done.countOne()
        return findings
      }.flatMap(\.self)
    }
    self.manifest = manifest
    self.findings = manifest.contradictions + Self.wrongFiles(of: manifest, in: folder) + findings
    (comparedScans, partlyComparedScans) = originals?.scanCounts(of: manifest) ?? (0, 0)
    let listed = manifest.ownFiles.union(manifest.patchFiles)
    unlistedFiles = try Self.files(in: folder).filter { !listed.contains($0) }
  }

  /// The files beside the patches that are not there, or not as they were written.
  private static func wrongFiles(of manifest: SampleManifest, in folder: String) -> [PatchStore.Finding] {
    (manifest.files ?? [:]).sorted { $0.key < $1.key }.compactMap { name, checksum in
      let found = try? Checksum(ofFile: "\(folder)/\(name)").description
      guard found != checksum else { return nil }
      return PatchStore.Finding(
        kind: found == nil ? .missing : .corrupt, patch: 0, file: name,
        message: found.map { "checksum is \($0), the list says \(checksum)" } ?? "the file is missing")
    }
  }

  /// All files in a folder and those inside it, as paths below it, sorted.
  static func files(in folder: String) throws -> [String] {
    try paths(in: folder).filter { FormatProbe("\(folder)/\($0)").kind == .file }
  }

  /// All that is in a folder, which may be a link to one, as paths below it, sorted.
  static func paths(in folder: String) throws -> [String] {
    try Folder.paths(below: "\(folder)/")
  }
}
