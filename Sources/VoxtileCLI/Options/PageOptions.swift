import ArgumentParser
import Voxtile
import VoxtileReport

/// The page that a command writes in addition to its result.
struct PageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write a page that shows the image, the patches over it, and the numbers: one HTML file.",
      valueName: "page.html"),
    completion: .file(extensions: ["html"]))
  var report: String?

  /// Checks before the work that the page can be written.
  ///
  /// - Parameters:
  ///   - isReplacing: whether an older page may be replaced.
  ///   - reading: files that are read and must not be replaced.
  ///   - memory: the most memory to use, in bytes.
  func checkTarget(replacing isReplacing: Bool, reading: [String], memory: Int?) throws {
    guard let report else { return }
    try ReportRequest.checkFits(memory: memory)
    try Page.checkTarget(report, replacing: isReplacing, reading: reading)
  }

  /// Writes the page if one was asked for.
  ///
  /// - Parameters:
  ///   - steps: what the command did and how long that took.
  ///   - isReplacing: whether an older page may be replaced.
  ///   - prediction: what a network predicted.
  ///   - request: what the page shows.
  func write(
    after steps: [ReportData.Origin.Step] = [], replacing isReplacing: Bool = false,
    prediction: ReportData.Prediction? = nil, _ request: () throws -> ReportRequest
  ) throws {
    guard let report else { return }
    try Page.write(
      try request(), to: report, after: steps, replacing: isReplacing, prediction: prediction)
  }

  /// Checks before the work that the page of training patches can be written.
  ///
  /// - Parameter folder: that of the set.
  func checkTarget(
    ofSamples folder: String, limits: JobLimits, replacing isReplacing: Bool, reading: [String]
  ) throws {
    guard let report else { return }
    try Target.checkAreDistinct([folder, report])
    try SamplePage.checkFits(memory: limits.memory)
    try Page.checkTarget(report, replacing: isReplacing, reading: reading)
  }

  /// Writes the page of a set of training patches if one was asked for.
  func write(ofSamples folder: String, limits: JobLimits, replacing isReplacing: Bool) throws {
    guard let report else { return }
    try Page.write(ofSamples: folder, to: report, limits: limits, replacing: isReplacing)
  }
}
