import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileInference

/// What a network says of itself, and what follows from it.
@Suite("ModelDefaults") struct ModelDefaultsTests {
  private func defaults(_ key: String, _ text: String) throws -> ModelDefaults {
    try ModelDefaults { $0 == "voxtile.\(key)" ? text : nil }
  }

  @Test("the size of a voxel and the names of labels are read")
  func read() throws {
    #expect(try defaults("spacing", "1").spacing == PerAxis(1))
    #expect(try defaults("spacing", "0.8x0.8x1.5").spacing == PerAxis(x: 0.8, y: 0.8, z: 1.5))
    #expect(
      try defaults("labels", "background, tumor core,edema").labelNames == [
        "background", "tumor core", "edema",
      ])
    #expect(try defaults("labels", "lesion").labelNames == ["lesion"])
    #expect(try defaults("stride", "8").stride == PerAxis(8) && defaults("halo", "0").halo == PerAxis(0))
    #expect(try defaults("halo", "44x44x20").halo == PerAxis(x: 44, y: 44, z: 20))
    #expect(try defaults("stride", "4x2").stride == PerAxis(x: 4, y: 2, z: 1))
  }

  @Test(
    "what cannot be read is refused with the key and the text",
    arguments: [
      ("spacing", "0"), ("spacing", "1x1"), ("spacing", "-1"), ("spacing", "nan"), ("spacing", "1mm"),
      ("spacing", ""),
      ("stride", "0"), ("stride", "8x"), ("halo", "-1"), ("halo", "1x1x1x1"),
      ("labels", ""), ("labels", "a,,b"), ("labels", "a, "),
    ])
  func refused(key: String, text: String) async throws {
    let error = try await OnnxTestModels.error { try defaults(key, text) }
    #expect(error.code == .modelNotUsable && error.message.contains("voxtile.\(key) = '\(text)'"))
  }

  private func plan(
    _ settings: InferenceSettings, spacing: PerAxis<Double>, _ model: ClosureModel = StandIn.identity
  ) async throws -> InferencePlan {
    let scan = try Volume<Float>(
      extent: Extent(4), voxels: [Float](repeating: 0, count: 64),
      metadata: VolumeMetadata(affine: Affine(spacing: spacing)))
    return try await PatchPipeline(model: model, settings: settings).plan([VolumeInMemory(scan)])
  }

  @Test("a scan of other voxels than the network's is remarked on with both, in the network's orientation")
  func spacing() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.spacing = PerAxis(x: 1, y: 1, z: 3)
    #expect(try await plan(settings, spacing: PerAxis(x: 1.02, y: 1, z: 3)).remarks.isEmpty)
    let remarks = try await plan(settings, spacing: PerAxis(x: 2, y: 1, z: 3)).remarks
    #expect(remarks.count == 1 && remarks[0].remedy == .resampleScan)
    #expect(remarks[0].message.contains("2x1x3 mm") && remarks[0].message.contains("1x1x3 mm"))
    settings.orientation = Orientation("SAR")
    settings.spacing = PerAxis(x: 3, y: 1, z: 1)
    #expect(try await plan(settings, spacing: PerAxis(x: 1, y: 1, z: 3)).remarks.isEmpty)
    #expect(try await plan(settings, spacing: PerAxis(1)).remarks.count == 1)
    settings.spacing = nil
    #expect(try await plan(settings, spacing: PerAxis(5)).remarks.isEmpty)
    settings.orientation = nil
    settings.spacing = PerAxis(1)
    let flat = StandIn.constant([1, 2], rank: 2)
    #expect(try await plan(settings, spacing: PerAxis(x: 1, y: 1, z: 9), flat).remarks.isEmpty)
  }

  @Test("names go to the labels of the channels, and with a threshold also to 0")
  func names() async throws {
    var settings = InferenceSettings.patches(Extent(4))
    settings.labels.names = ["background", "liver"]
    func names(_ model: ClosureModel) async throws -> [LabelName] {
      try await plan(settings, spacing: PerAxis(1), model).labelNames
    }
    let both = [LabelName(label: 0, name: "background"), LabelName(label: 1, name: "liver")]
    #expect(try await names(StandIn.constant([1, 2])) == both)
    #expect(try await names(StandIn.constant([1])) == both)
    settings.labels.values = [7, 5]
    #expect(try await names(StandIn.constant([1, 2])).map(\.label) == [7, 5])
    settings.labels.values = nil
    settings.labels.names = ["liver"]
    #expect(try await names(StandIn.constant([1])) == [both[1]])
    let error = try await OnnxTestModels.error { try await names(StandIn.constant([1, 2, 3])) }
    #expect(
      error.code == .modelNotUsable && error.message.contains("1 names") && error.message.contains("3 labels")
    )
  }
}
