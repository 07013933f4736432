import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport
import VoxtileStore
import VoxtileViewer

/// The first example of `Voxtile`.
func predictWhole(
  scan: Volume<Float>, predict: (Volume<Float>) throws -> Volume<Float>
) throws -> Volume<Float> {
  let grid = try PatchGrid(over: scan.extent, patch: Extent(96), overlap: .fraction(0.5))
  let merger = try PatchMerger<Float>(grid: grid, blend: .gaussian, metadata: scan.metadata)
  for patch in grid {
    try merger.add(predict(scan[patch]), at: patch)
  }
  let probabilities = try merger.finish()
  return probabilities
}

/// The examples of `VoxtileFormats`, which need a file.
func copyFiles() throws {
  let scan = try Volume<Float>(contentsOf: "brain.nii.gz")
  try scan.write(to: "copy.nii.gz")

  let reader = try ImageFormats.open("brain.nii.gz")
  let writer = try ImageFormats.create("copy.nii", info: reader.info)
  let extent = reader.info.extent
  for slice in 0..<extent.depth {
    let slab = Region(x: 0..<extent.width, y: 0..<extent.height, z: slice..<slice + 1)
    try writer.write(reader.read(slab, as: Int16.self), slices: slab.z)
  }
  try writer.finish()
}

/// The examples of `VoxtileStore`, which need a file.
func keepPatches() throws -> (PatchStore.MergeReport, [PatchStore.Finding]) {
  let store = try PatchStore.crop(
    "brain.nii.gz", into: "patches",
    settings: GridSettings(patch: Extent(96), overlap: .voxels(32)))
  try store.merge(to: "merged.nii.gz")

  let outputs = try PatchStore(contentsOf: "outputs", manifest: "patches/voxtile.json")
  let report = try outputs.merge(to: "labels.nii.gz", options: .init(blend: .vote))

  let findings = try store.verify(against: "brain.nii.gz").findings
  return (report, findings)
}

/// The example of instances, which needs a folder of patches with cells.
func mergeCells(of outputs: PatchStore) throws {
  let report = try outputs.merge(to: "cells.nii.gz", options: .init(leastInstanceIoU: 0.5))
  print(report.instances?.instanceCount ?? 0)
}

/// The examples of `VoxtileCases`, which need a folder of scans.
func workThrough(_ job: some CaseJob) async throws {
  var search = CaseSearch()
  search.isRecursive = true
  search.naming = .automatic(channels: 2)
  let scans = try search.cases(inFolder: "scans")

  var runner = CaseRunner(scans, into: "results")
  runner.existing = .resume
  try runner.check(job)
  let journal = try Journal(in: "results")
  let outcomes = try await runner.run(job, journal: journal)
  try RunSummary(outcomes, entries: journal.entries).write(into: "results")
}

/// The examples of `VoxtileReport`, which need files.
func showMerge() throws {
  var request = ReportRequest(store: try PatchStore(contentsOf: "patches"), image: "brain.nii.gz")
  request.merged = "merged.nii.gz"
  try ReportPage(ReportData(request)).write(to: "page.html")
  try ReportAnimation(ReportData(request)).write(to: "brain.gif")
}

/// The example of `VoxtileViewer`, which needs a file.
func serve(grid: PatchGrid) async throws {
  let report = try ServedReport(ReportRequest(image: "scan.nii.gz", grid: grid))
  try await ReportServer(report).serve { address in
    print(address)  // http://127.0.0.1:43211/7d1f0c52a9e84b36b0f3ce91d5a7286e/
    try await Task.sleep(for: .seconds(600))
  }
}
