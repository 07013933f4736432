import ArgumentParser

/// `voxtile report`: an image or a patch folder as a page to look at.
struct ReportCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page that shows an image, its patches, and what a merge gave.",
    discussion: """
      One HTML file that opens from disk and asks nothing of the network. A patch folder says itself how it was \
      cut; for an image, give --patch and what else belongs to the grid, as for plan.
      """)

  @OptionGroup var input: ReportInput

  @Option(name: [.short, .long], help: "The page to write.", completion: .file(extensions: ["html"]))
  var output: String

  @Flag(help: "Replace an older page.")
  var force = false

  @OptionGroup(title: "Messages") var messages: MessageOptions

  func run() throws {
    try Page.write(try input.request(), to: output, after: [], replacing: force)
  }
}
