import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// Another job, after which a small picture of each scan is kept for the page of all: then its files are still in memory.
struct PicturedJob<Job: CaseJob>: CaseJob {
  private let job: Job
  /// The folder of the results.
  private let folder: String

  init(_ job: Job, folder: String) {
    self.job = job
    self.folder = folder
  }

  func results(of one: ScanCase) -> [CaseResult] { job.results(of: one) }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint { try await job.fingerprint(of: one) }

  func prepare(_ one: ScanCase) async throws -> Job.Prepared { try await job.prepare(one) }

  func perform(
    _ prepared: Job.Prepared, of one: ScanCase, replacing isReplacing: Bool
  ) async throws -> CaseFindings {
    let findings = try await job.perform(prepared, of: one, replacing: isReplacing)
    let worker = SerialWorker("picture")
    defer { worker.wait() }
    // The results are there: that there is no picture of them is no error of the scan.
    try? await worker.run { _ in try draw(one, findings) }
    return findings
  }

  private func draw(_ one: ScanCase, _ findings: CaseFindings) throws {
    let results = job.results(of: one)
    // A patch folder is no image: the one that was cut is shown, or what was merged.
    let original = (try? PatchStore(contentsOf: one.images[0])).flatMap { $0.original(manifest: nil) }
    let shown = [original ?? one.images[0]] + results.map { $0.path(in: folder) }
    guard let scan = shown.lazy.compactMap({ try? ImageFormats.open($0) }).first else { return }
    let labels = results.first { $0.kind == "labels" }.flatMap {
      try? ImageFormats.open($0.path(in: folder))
    }
    let largest = findings.labels.max { $0.voxels < $1.voxels }?.label
    try CaseThumbnail(of: scan, labels: labels, largest: largest)
      .write(to: CaseThumbnail.path(of: one.name, in: folder))
  }
}
