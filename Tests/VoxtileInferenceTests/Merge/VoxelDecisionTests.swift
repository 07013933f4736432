import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// What becomes of merged values: labels, probabilities, logits.
@Suite("VoxelDecision") struct VoxelDecisionTests {
  private static let extent = Extent(width: 5, height: 4, depth: 3)

  /// Predicts channels that are the values themselves, one patch, no merging to speak of.
  private func pipeline(
    _ activation: Activation = .automatic, labels: LabelRule = LabelRule()
  ) -> PatchPipeline {
    var settings = InferenceSettings.patches(Self.extent)
    settings.activation = activation
    settings.labels = labels
    return PatchPipeline(model: StandIn.identity, settings: settings)
  }

  private func scan(_ channels: [[Float]]) throws -> Volume<Float> {
    let count = Self.extent.voxelCount
    return try Volume(
      extent: Self.extent, channels: channels.count,
      voxels: channels.flatMap { values in (0..<count).map { values[$0 % values.count] } })
  }

  /// The first few labels.
  private func labels(_ pipeline: PatchPipeline, _ channels: [[Float]]) async throws -> [Int32] {
    let labels = try await pipeline.labels(of: scan(channels)).voxels
    let count = channels[0].count
    let repeats = labels.indices.allSatisfy { labels[$0] == labels[$0 % count] }
    #expect(repeats)
    return Array(labels[..<count])
  }

  @Test("the largest channel is the label, the lower one of equals")
  func largest() async throws {
    let channels: [[Float]] = [[1, 2, -5, 0], [1, 3, -4, 0], [1, 3, -4, 7]]
    for activation in [Activation.automatic, .softmax, .none] {
      #expect(try await labels(pipeline(activation), channels) == [0, 1, 1, 2])
    }
    let rule = LabelRule(values: [4, 300, -2])
    #expect(try await labels(pipeline(labels: rule), channels) == [4, 300, 300, -2])
    let swapped = LabelRule(values: [2, 2, 0])
    #expect(try await labels(pipeline(labels: swapped), channels) == [2, 2, 2, 0])
  }

  @Test("with a sigmoid each channel that reaches the threshold is a label, and the later one wins")
  func threshold() async throws {
    let channels: [[Float]] = [[-1, 1, -1, 1, 0], [-1, -1, 1, 1, -0.1]]
    #expect(try await labels(pipeline(.sigmoid), channels) == [0, 1, 2, 2, 1])
    let high = LabelRule(values: [7, 9], threshold: 0.75)
    #expect(try await labels(pipeline(.sigmoid, labels: high), channels) == [0, 0, 0, 0, 0])
    let low = LabelRule(values: [7, 9], threshold: 0.2)
    #expect(try await labels(pipeline(.sigmoid, labels: low), channels) == [9, 9, 9, 9, 9])
  }

  @Test("a single channel has a sigmoid, or is a probability itself")
  func single() async throws {
    #expect(try await labels(pipeline(), [[-1, 0, 1]]) == [0, 1, 1])
    #expect(try await labels(pipeline(.none), [[0.4, 0.5, 1]]) == [0, 1, 1])
    #expect(
      try await labels(pipeline(.none, labels: LabelRule(values: [8], threshold: 0.9)), [[0.4, 0.5, 1]]) == [
        0, 0, 8,
      ])
  }

  @Test("probabilities are those of the activation")
  func probabilities() async throws {
    var random = SplitMix64(seed: 3)
    let scan = try StandIn.scan(Self.extent, channels: 3, using: &random)
    let count = Self.extent.voxelCount
    let values = scan.voxels.map { exponential($0) }
    let sums = (0..<count).map { values[$0] + values[count + $0] + values[2 * count + $0] }
    let softmax = try await pipeline().values(of: scan).voxels
    #expect(largestDifference(softmax, values.indices.map { values[$0] / sums[$0 % count] }) <= 1e-6)
    let totals = (0..<count).map { softmax[$0] + softmax[count + $0] + softmax[2 * count + $0] }
    #expect(largestDifference(totals, [Float](repeating: 1, count: count)) <= 1e-6)
    let sigmoid = try await pipeline(.sigmoid).values(of: scan).voxels
    #expect(largestDifference(sigmoid, scan.voxels.map { 1 / (1 + exponential(-$0)) }) <= 1e-6)
    for same in [
      try await pipeline(.none).values(of: scan).voxels,
      try await pipeline().values(.logits, of: scan).voxels,
    ] {
      #expect(largestDifference(same, scan.voxels) == 0)
    }
  }

  @Test("large values make certain probabilities, not NaN")
  func large() async throws {
    let scan = try scan([[1e30, -1e30, 200], [-1e30, -1e30, -200]])
    let values = try await pipeline().values(of: scan).voxels
    let count = Self.extent.voxelCount
    #expect(Array(values[..<3]) == [1, 0.5, 1] && Array(values[count..<count + 3]) == [0, 0.5, 0])
    let sigmoid = try await pipeline(.sigmoid).values(of: scan).voxels
    #expect(Array(sigmoid[..<3]) == [1, 0, 1])
  }

  @Test(
    "labels have the smallest type that holds them all",
    arguments: [
      ([0, 255], ScalarType.uint8), ([0, 256], .uint16), ([3, 65535], .uint16), ([0, 65536], .int32),
      ([-1, 5], .int16), ([-32768, 32767], .int16), ([-32769, 0], .int32), ([-1, 40000], .int32),
    ])
  func types(values: [Int], type: ScalarType) async throws {
    let pipeline = pipeline(labels: LabelRule(values: values))
    let plan = try await pipeline.plan([VolumeInMemory(scan([[0, 1], [1, 0]]))])
    let info = plan.info(of: .labels)
    #expect(info.scalarType == type && info.isLabelMap && info.channels == 1)
    #expect(try await labels(pipeline, [[0, 1], [1, 0]]) == [Int32(values[1]), Int32(values[0])])
    let probabilities = plan.info(of: .probabilities)
    #expect(probabilities.scalarType == .float32 && !probabilities.isLabelMap && probabilities.channels == 2)
  }

  @Test("labels that are too many, too few or too large, and thresholds that make none, are refused")
  func refused() async throws {
    for rule in [
      LabelRule(values: [1]), LabelRule(values: [1, 2, 3]), LabelRule(values: [1, 1 << 40]),
      LabelRule(threshold: 0),
      LabelRule(threshold: 1), LabelRule(threshold: .nan),
    ] {
      let error = try await OnnxTestModels.error {
        try await pipeline(labels: rule).labels(of: scan([[0], [1]]))
      }
      #expect(error.code == .invalidOption, "\(rule)")
    }
  }

  @Test("labels, probabilities and logits of one run are those of three")
  func together() async throws {
    var random = SplitMix64(seed: 6)
    let scan = try StandIn.scan(Extent(width: 9, height: 8, depth: 21), using: &random)
    var settings = InferenceSettings.patches(Extent(5))
    settings.foreground = .positive
    let pipeline = PatchPipeline(model: StandIn.placed(), settings: settings)
    let plan = try await pipeline.plan([VolumeInMemory(scan)], kinds: Set(PredictionKind.allCases))
    let labels = try VolumeCollector<UInt8>(plan.info(of: .labels))
    let probabilities = try VolumeCollector<Float>(plan.info(of: .probabilities))
    let logits = try VolumeCollector<Float>(plan.info(of: .logits))
    try await pipeline.run(plan, to: [.labels: labels, .probabilities: probabilities, .logits: logits])
    let areSame = try await [
      labels.volume.voxels.map(Int32.init) == pipeline.labels(of: scan).voxels,
      probabilities.volume.voxels == pipeline.values(of: scan).voxels,
      logits.volume.voxels == pipeline.values(.logits, of: scan).voxels,
    ]
    #expect(areSame == [true, true, true])
  }
}
