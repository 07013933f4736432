import ArgumentParser
import VoxtileStore

/// `voxtile report`: an image or a patch folder as a page to look at.
struct ReportCommand: MessagingCommand, ReadingCommand {
  /// What is written.
  struct Output: ParsableArguments {
    @Option(name: [.short, .long], help: "The page to write.", completion: .file(extensions: ["html"]))
    var output: String
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a page that shows an image, its patches, and what a merge gave; or a set of training patches.",
    discussion: """
      The page is one HTML file that works offline. The manifest of a patch folder says how it was cut; for an image, \
      give --patch and the other options of the grid, as for plan. The page of a set that sample made shows where its patches lie \
      and why, how often each lesion is seen, and the balance of the labels.
      """)

  @Argument(help: "A patch folder, an image, or a set of training patches.", completion: .file())
  var input: String

  @OptionGroup(.inputAndOutput) var target: Output

  @OptionGroup var shown: ShownOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    if SampleVerification.isSampleSet(input) { return try runSamples() }
    try Page.write(
      try shown.request(of: input), to: target.output, after: [], replacing: replacing.force,
      reading: [shown.files.manifest, shown.files.labelTable].compactMap(\.self))
  }

  /// Writes the page of a set of training patches.
  private func runSamples() throws {
    try shown.checkSuitsSamples(input)
    var read = try SampleSetFiles(contentsOf: input).allFiles + [shown.files.against].compactMap(\.self)
    // Any file of that folder may be a scan.
    if let scans = shown.files.against, Target.isInside(target.output, scans) { read.append(target.output) }
    try Page.checkTarget(target.output, replacing: replacing.force, reading: read)
    try Page.write(
      ofSamples: input, scans: shown.files.against, to: target.output, limits: shown.limits.limits,
      replacing: replacing.force)
  }
}
