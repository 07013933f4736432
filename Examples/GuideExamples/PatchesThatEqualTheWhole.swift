import Voxtile
import VoxtileInference

func exactSettings(_ pipeline: PatchPipeline) async throws -> InferenceSettings {
  var settings = pipeline.settings
  let reach = try await pipeline.measureReach()
  settings.alignment = reach.stride
  settings.useOnlyVoxels(beyond: reach.radius)
  return settings
}
