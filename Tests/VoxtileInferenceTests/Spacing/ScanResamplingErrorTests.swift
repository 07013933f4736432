import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// What cannot be resampled is refused, with a way out.
@Suite("ScanResampling: errors") struct ScanResamplingErrorTests {
  private func refusal(
    _ model: ClosureModel = StandIn.placed(), place: VolumeMetadata.Place = .world,
    spacing: PerAxis<Double> = PerAxis(2), convention: ResamplingConvention = .nnunet,
    values: [Float]? = nil, _ change: (inout InferenceSettings) -> Void = { _ in }
  ) async -> VoxtileError? {
    var settings = InferenceSettings.patches(Extent(4))
    settings.resampling = ScanResampling(to: spacing, convention: convention)
    change(&settings)
    do {
      let scan = try Volume<Float>(
        extent: Extent(9), voxels: values ?? (0..<729).map { Float($0 % 7) },
        metadata: VolumeMetadata(place: place))
      _ = try await PatchPipeline(model: model, settings: settings).labels(of: scan)
      return nil
    } catch {
      return error as? VoxtileError
    }
  }

  @Test("nothing is refused where nothing is wrong")
  func nothing() async { #expect(await refusal() == nil) }

  @Test("an image that does not say how large its voxels are")
  func unknownSize() async {
    let error = await refusal(place: .unknown)
    #expect(error?.code == .invalidOption && error?.remedy == .keepVoxels)
  }

  @Test("a size that is none")
  func size() async { #expect(await refusal(spacing: PerAxis(-1))?.code == .invalidOption) }

  @Test("patches that are skipped")
  func skipped() async {
    let error = await refusal { $0.skipBelow = 1 }
    #expect(error?.remedy == .keepVoxels && error?.message.contains("skipped") == true)
  }

  @Test("voxels without a patch")
  func discarded() async {
    let error = await refusal(spacing: PerAxis(0.7)) { $0.edge = PerAxis(.discard) }
    #expect(error?.remedy == .keepVoxels && error?.message.contains("without a patch") == true)
  }

  @Test("a part of the scan in another order than nnU-Net's")
  func part() async {
    let error = await refusal(convention: .monai) { $0.foreground = .positive }
    #expect(error?.remedy == .keepVoxels && error?.message.contains("monai") == true)
    #expect(await refusal { $0.foreground = .positive } == nil)
  }

  @Test("a network that gives labels")
  func labels() async {
    var output = StandIn.volume
    output.labelRange = 0...3
    let model = StandIn.model(output: output) { patch in
      NetworkPatch(channels: 1, spatial: patch.spatial, values: [Float](repeating: 1, count: patch.count))
    }
    let error = await refusal(model)
    #expect(error?.remedy == .keepVoxels && error?.message.contains("labels") == true)
  }

  @Test("too little memory: the error says what is enough, with what comes back")
  func memory() async throws {
    var settings = InferenceSettings.patches(Extent(16))
    settings.resampling = ScanResampling(to: PerAxis(2), convention: .nnunet)
    let model = StandIn.constant((0..<60).map(Float.init))
    let scan = try Volume<Float>(
      extent: Extent(90), voxels: [Float](repeating: 1, count: 90 * 90 * 90),
      metadata: VolumeMetadata(place: .world))
    func plan(within bytes: Int) async throws -> InferencePlan {
      settings.limits.memory = bytes
      return try await PatchPipeline(model: model, settings: settings).plan([VolumeInMemory(scan)])
    }
    let error = try await OnnxTestModels.error { try await plan(within: 98 << 20) }
    let needed = try #require(error.context.neededBytes)
    #expect(error.code == .memoryTooLow && needed > 100 << 20)
    #expect(try await plan(within: needed).peakBytes <= needed)
  }

  @Test("NaN, which would spread")
  func notFinite() async {
    var values = [Float](repeating: 1, count: 729)
    values[100] = .nan
    #expect(await refusal(values: values)?.code == .invalidOption)
  }
}
