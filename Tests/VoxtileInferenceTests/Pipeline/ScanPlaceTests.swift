import Testing
import Voxtile

@testable import VoxtileInference

/// What a scan's file says about its place and its dimensions decides how it is predicted.
@Suite("Scans without an orientation, and of one slice") struct ScanPlaceTests {
  private static let extent = Extent(width: 9, height: 8, depth: 12)

  private func reader(extent: Extent = extent, metadata: VolumeMetadata) throws -> any VolumeReader {
    VolumeInMemory(
      try Volume<Int16>(
        extent: extent, voxels: (0..<extent.voxelCount).map { Int16(truncatingIfNeeded: $0) },
        metadata: metadata))
  }

  @Test("a scan that does not say which side is left cannot be turned, but is predicted as it lies")
  func withoutOrientation() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.orientation = Orientation("RAS")
    let scan = try reader(metadata: VolumeMetadata(place: .spacing))
    let model = StandIn.model { $0 }
    let pipeline = PatchPipeline(model: model, settings: settings)
    let error = try await OnnxTestModels.error { try await pipeline.plan([scan]) }
    #expect(error.code == .unsupportedFormat && error.remedy == .keepOrientation)
    #expect(error.message.contains("which side is left") && error.message.contains("RAS"))
    settings.orientation = nil
    #expect(try await PatchPipeline(model: model, settings: settings).plan([scan]).scanExtent == Self.extent)
    // Nothing is turned in a 2D image.
    settings = .patches(Extent(width: 4, height: 4))
    settings.orientation = Orientation("RAS")
    let planar = try reader(
      extent: Extent(width: 9, height: 8), metadata: VolumeMetadata(place: .unknown, spatialRank: 2))
    let flat = StandIn.model(input: StandIn.shape(rank: 2), output: StandIn.shape(rank: 2)) { $0 }
    #expect(try await PatchPipeline(model: flat, settings: settings).plan([planar]).grid.patch.depth == 1)
  }

  @Test("one slice of a volume is padded for a 3D model as two slices are, and seen as a picture by a 2D one")
  func oneSlice() async throws {
    func plan(_ depth: Int, rank: Int, settings: InferenceSettings) async throws -> InferencePlan {
      let scan = try reader(
        extent: Extent(width: 9, height: 8, depth: depth), metadata: VolumeMetadata(spatialRank: 3))
      let model = StandIn.model(input: StandIn.shape(rank: rank), output: StandIn.shape(rank: rank)) { $0 }
      return try await PatchPipeline(model: model, settings: settings).plan([scan])
    }
    let settings = InferenceSettings.patches(Extent(4))
    let (one, two) = (
      try await plan(1, rank: 3, settings: settings), try await plan(2, rank: 3, settings: settings)
    )
    #expect(one.grid.patch == Extent(4) && one.grid.counts == two.grid.counts)
    #expect(one.grid.axes.z.paddingBefore + one.grid.axes.z.paddingAfter == 3)
    #expect(one.outputExtent.depth == 1 && one.outputMetadata.spatialRank == 3)
    let flat = try await plan(1, rank: 2, settings: .patches(Extent(width: 4, height: 4)))
    #expect(flat.grid.patch.depth == 1)
  }
}
