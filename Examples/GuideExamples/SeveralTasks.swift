import Voxtile
import VoxtileFormats
import VoxtileInference

/// The examples that need the files of a scan and of networks.
func severalTasks(
  organs: any PatchModel, bones: any PatchModel, settings: InferenceSettings
) async throws -> TaskPipeline.Report {
  let labels = try TaskLabels([
    .init(task: "organs", label: 1, value: 5, name: "liver"),
    .init(task: "bones", label: 1, value: 25, name: "sacrum"),
  ])
  let tasks = try TaskPipeline(
    [
      .init("organs", PatchPipeline(model: organs, settings: settings)),
      .init("bones", PatchPipeline(model: bones, settings: settings)),
    ], labels: labels)
  let plan = try await tasks.plan([ImageFormats.open("ct.nii.gz")])
  let report = try await tasks.run(plan, to: try ImageFormats.create("all.nii.gz", info: plan.info))
  return report
}
