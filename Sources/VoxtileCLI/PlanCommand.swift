import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport

/// `voxtile plan`: what a grid costs and loses, before a voxel is read.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say how an image would be cut, what it costs and what is lost.",
    discussion:
      "Only the header of the image is read, and nothing is written, unless --report asks for a page.")

  @Argument(help: "The image or volume.", completion: .file())
  var input: String

  @OptionGroup var grid: GridOptions

  @OptionGroup var limits: LimitOptions

  @OptionGroup var page: PageOptions

  @Flag(help: "Replace an older page.")
  var force = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let reader = try ImageFormats.open(input)
    let info = reader.info
    let grid = try grid.grid(over: info.extent)
    var summary = try GridSummary(of: grid, over: info, input: input)
    try summary.planMemory(
      of: grid, over: info, isRandomAccess: reader.isRandomAccess, jobs: limits.threads,
      limit: limits.memoryLimit)
    try page.write(replacing: force) {
      ReportRequest(image: input, grid: grid).limited(by: limits)
    }
    if json {
      try Console.printJSON(summary)
    } else {
      try Console.result(summary.lines.joined(separator: "\n"))
    }
    summary.warnings.forEach(Console.warn)
  }
}
