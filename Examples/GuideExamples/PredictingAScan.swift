import Voxtile
import VoxtileFormats
import VoxtileInference

func predictingAScan() async throws {
  let signature = ModelSignature(
    input: TensorShape(name: "image", channels: 1, spatial: [nil, nil, nil]),
    outputs: [TensorShape(name: "classes", channels: 2, spatial: [nil, nil, nil])])
  let brighter = ClosureModel(signature: signature) { batch in
    let tissue = batch.values
    return [PatchTensor(shape: [1, 2] + batch.shape.dropFirst(2), values: tissue.map { 0.5 - $0 } + tissue)]
  }

  var small = InferenceSettings()
  small.patch = Extent(4)
  small.normalization = .maximum
  let ramp = try Volume<Int16>(
    extent: Extent(width: 8, height: 4, depth: 4), voxels: (0..<128).map { Int16($0 % 8) })
  let labels = try await PatchPipeline(model: brighter, settings: small).labels(of: ramp)
  print(labels.voxels.prefix(8).map { Int($0) })  // [0, 0, 1, 1, 1, 1, 1, 1]
}

/// The examples that need the files of a network and a scan.
func predictFiles() async throws -> PatchPipeline.Report {
  let model = try await EngineRegistry.load("net.onnx")
  var settings = InferenceSettings()
  settings.patch = Extent(96)
  settings.normalization = .zScore(of: .nonZero)
  settings.orientation = Orientation("RAS")
  settings.axes = .xyz
  let pipeline = PatchPipeline(model: model, settings: settings)
  let report = try await pipeline.predict([ImageFormats.open("brain.nii.gz")]) { _, info in
    try ImageFormats.create("tissue.nii.gz", info: info)
  }
  return report
}

func settingsOfTheNetwork(_ model: any PatchModel) throws -> InferenceSettings {
  let defaults = try model.defaults
  var settings = InferenceSettings()
  settings.patch = defaults.patch
  settings.normalization = defaults.normalization ?? .none
  settings.orientation = defaults.orientation
  settings.axes = defaults.axes ?? .zyx
  settings.spacing = defaults.spacing
  settings.labels.names = defaults.labelNames
  return settings
}

func planned(_ pipeline: PatchPipeline) async throws -> InferencePlan {
  let plan = try await pipeline.plan([ImageFormats.open("brain.nii.gz")], kinds: [.labels])
  let mebibytes = plan.peakBytes >> 20
  precondition(mebibytes >= 0 && plan.scratchBytes >= 0 && plan.seconds >= 0)
  return plan
}
