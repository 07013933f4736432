import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("ReportData: memory plans")
struct ReportMemoryTests {
  private func withScan(
    _ extent: Extent, _ body: (_ folder: String, _ path: String, _ grid: PatchGrid) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/wide.nii"
      let volume = Volume<UInt8>(extent: extent)
      try volume.write(to: path)
      let patch = Extent(width: 64, height: 64, depth: 2)
      try body(folder, path, try PatchGrid(over: volume.extent, patch: patch, overlap: .voxels(0)))
    }
  }

  @Test("a memory limit too low for a later crop or merge omits that plan from the report")
  func tooLow() throws {
    try withScan(Extent(width: 64, height: 64, depth: 4)) { _, path, grid in
      var request = ReportRequest(image: path, grid: grid)
      request.limits.memory = 1
      let data = try ReportData(request)
      #expect(data.summary.cropMemory == nil && data.summary.mergeMemory == nil)
    }
  }

  @Test("within little memory pictures become smaller, and within too little no report is made")
  func smallPictures() throws {
    try withScan(Extent(width: 600, height: 500, depth: 4)) { _, path, grid in
      var request = ReportRequest(image: path, grid: grid)
      let whole = try #require(try ReportData(request).layers.first)
      try request.keep(within: nil)
      #expect(try ReportData(request).layers.first?.extent == whole.extent)
      try request.keep(within: 56 << 20)
      #expect(request.slabBytes < 16 << 20 && request.pictureVoxels < 600 * 500 * 4)
      let layer = try #require(try ReportData(request).layers.first)
      #expect(layer.extent.reduce(1, *) <= request.pictureVoxels && !layer.isExact && whole.isExact)
      let error = #expect(throws: VoxtileError.self) { try request.keep(within: 49 << 20) }
      #expect(error?.code == .memoryTooLow && error?.message.contains("52 MiB are needed") == true)
    }
  }

  @Test("the merge plan depends on the format of the patch files, not on that of the image")
  func patchesOfAnotherFormat() throws {
    try withScan(Extent(width: 900, height: 800, depth: 4)) { folder, path, grid in
      func memory(_ fileExtension: String) throws -> (
        crop: MemoryPlan<CropStep>, merge: MemoryPlan<MergeStep>
      ) {
        let store = try PatchStore.crop(
          path, into: "\(folder)/\(fileExtension)", settings: grid.settings,
          options: .init(fileExtension: fileExtension))
        var request = ReportRequest(store: store, image: path)
        request.limits.jobs = .one
        // Not enough memory for whole patches, so compressed ones are decompressed into a scratch file.
        request.limits.memory = 49 << 20
        let summary = try ReportData(request).summary
        return try (#require(summary.cropMemory), #require(summary.mergeMemory))
      }
      let (plain, compressed) = (try memory("nii"), try memory("nii.gz"))
      #expect(plain.crop.scratchBytes == 0 && compressed.crop.scratchBytes == 0)
      #expect(plain.merge.scratchBytes == 0 && compressed.merge.scratchBytes > 0)
    }
  }
}
