import Voxtile
import VoxtileInference

func exactSettings(_ pipeline: PatchPipeline) async throws -> InferenceSettings {
  var settings = pipeline.settings
  if let reach = try await pipeline.measureReach() {
    settings.alignment = reach.stride
    settings.useOnlyVoxels(beyond: reach.radius)
  }
  return settings
}
