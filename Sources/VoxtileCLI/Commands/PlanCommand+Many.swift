import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

extension PlanCommand {
  /// The plan of a scan, as JSON.
  private struct Planned: Encodable {
    var name: String
    var patches: Int?
    var outputBytes: Int?
    var lostVoxels: Int?
    var error: String?
  }

  /// Prints what cutting many scans costs, a line for each and the sum. Only their headers are read.
  ///
  /// - Throws: `ExitCode.failure` where a scan cannot be cut like that.
  func planMany(_ list: CaseList, patch: PatchArgument) throws {
    var planned: [Planned] = []
    for one in list {
      do {
        let info = try ImageFormats.open(one.images[0]).info
        let grid = try asErrorOfScan { try self.grid.layout.grid(of: patch, over: info) }
        let summary = try GridSummary(of: grid, over: info, input: one.images[0])
        planned.append(
          Planned(
            name: one.name, patches: grid.count, outputBytes: summary.outputBytes,
            lostVoxels: grid.coverage.lostVoxels))
        let lost =
          grid.coverage.lostVoxels > 0 ? ", \(Console.grouped(grid.coverage.lostVoxels)) voxels lost" : ""
        if !printing.json {
          try Console.result(
            "\(one.name.printable): \(ImageSize(info)), \(Console.count(grid.count, "patch")), "
              + "\(Console.bytes(summary.outputBytes))\(lost)")
        }
      } catch let error as VoxtileError {
        let words = error.description { $0.inOptions }
        planned.append(Planned(name: one.name, error: words))
        Console.error("failed   \(one.name.printable): \(words)")
      }
    }
    let sum = planned.reduce((patches: 0, bytes: 0)) {
      ($0.patches + ($1.patches ?? 0), $0.bytes + ($1.outputBytes ?? 0))
    }
    if printing.json {
      try Console.printJSON(planned)
    } else {
      try Console.result(
        "\(Console.count(list.count, "scan")), \(Console.count(sum.patches, "patch")), \(Console.bytes(sum.bytes)) before compression"
      )
    }
    if planned.contains(where: { $0.error != nil }) { throw ExitCode.failure }
  }
}
