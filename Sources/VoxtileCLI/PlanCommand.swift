import ArgumentParser
import Voxtile
import VoxtileFormats

/// `voxtile plan`: what a grid costs and loses, before a voxel is read.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say how an image would be cut, what it costs and what is lost.",
    discussion: "Only the header of the image is read; nothing is written.")

  @Argument(help: "The image or volume.", completion: .file())
  var input: String

  @OptionGroup var grid: GridOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let info = try ImageFormats.open(input).info
    let summary = try GridSummary(of: grid.grid(over: info.extent), over: info, input: input)
    if json {
      try Console.printJSON(summary)
    } else {
      print(summary.lines.joined(separator: "\n"))
    }
    summary.warnings.forEach(Console.warn)
  }
}
