import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport

/// `voxtile summary`: what became of many scans, from the journals beside their results.
struct SummaryCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Sum up what became of many scans, also of several parts.",
    discussion: """
      Reads the journals that infer, crop, merge and convert keep in the folder of their results, and writes summary.csv, \
      summary.json and index.html there: a row for each scan, and a page that shows first what stands out. The exit status is 1 where a scan has failed or was not finished.

        voxtile summary predictions
      """)

  @Argument(help: "The folder of the results.", completion: .directory)
  var folder: String

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let summary = try RunSummary(ofJournalsIn: folder)
    try summary.writeAll(into: folder)
    if printing.json {
      try Console.printJSON(summary)
    } else {
      try Console.result(summary.words(in: folder))
    }
    for row in summary.rows where row.status == "failed" {
      Console.error("failed   \(row.name.printable): \((row.failure?.message ?? "").printable)")
    }
    for row in summary.rows where row.status == "unfinished" {
      Console.error("unfinished \(row.name.printable)")
    }
    if summary.failed + summary.unfinished > 0 { throw ExitCode.failure }
  }
}

extension RunSummary {
  /// Writes the summary and the page of all scans.
  func writeAll(into folder: String) throws {
    try write(into: folder)
    try CohortPage(self, in: folder, origin: Page.origin).write(into: folder)
  }

  /// The counts in a line.
  func words(in folder: String) -> String {
    var words = ["\(done + skipped) of \(Console.count(cases, "scan")) done"]
    if skipped > 0 { words.append("\(skipped) of them before") }
    if failed > 0 { words.append("\(failed) failed") }
    if unfinished > 0 { words.append("\(unfinished) not finished") }
    let hasPage = FormatProbe("\(folder)/\(CohortPage.fileName)").kind == .file
    return "\(words.joined(separator: ", ")); the results are in \(folder.printable)"
      + (hasPage ? ", and \(CohortPage.fileName) there shows them" : "")
  }
}
