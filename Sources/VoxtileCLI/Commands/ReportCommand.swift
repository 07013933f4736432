import ArgumentParser

/// `voxtile report`: an image or a patch folder as a page to look at.
struct ReportCommand: MessagingCommand, ReadingCommand {
  /// What is written.
  struct Output: ParsableArguments {
    @Option(name: [.short, .long], help: "The page to write.", completion: .file(extensions: ["html"]))
    var output: String
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page that shows an image, its patches, and what a merge gave.",
    discussion: """
      The page is one HTML file that works offline. The manifest of a patch folder says how it was cut; for an image, \
      give --patch and the other options of the grid, as for plan.
      """)

  @Argument(help: "A patch folder, or an image.", completion: .file())
  var input: String

  @OptionGroup(.inputAndOutput) var target: Output

  @OptionGroup var shown: ShownOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    try Page.write(
      try shown.request(of: input), to: target.output, after: [], replacing: replacing.force,
      reading: [shown.files.manifest, shown.files.labelTable].compactMap(\.self))
  }
}
