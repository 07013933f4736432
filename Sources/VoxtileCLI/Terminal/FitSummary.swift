import Voxtile
import VoxtileStore

/// Proposals, as `voxtile plan --fit --json` prints them.
struct FitSummary: Encodable {
  /// One proposal; of several scans the worst one counts.
  struct Proposal: Encodable {
    var rank: Int
    var patch: [Int]
    var overlap: [Int]
    var patches: Int
    var lostVoxels: Int
    var redundancy: Double
    var peakBytes: Int
    var seconds: Double?
    var reason: String
  }

  var scans: Int
  var edge: [String]
  var memoryLimit: Int?
  var model: String?
  var orientation: String?
  var multipleOf: [Int]
  var proposals: [Proposal]

  /// Proposals as a table.
  ///
  /// - Parameters:
  ///   - scans: what they are for.
  ///   - isPlanar: whether patches have no depth.
  ///   - terminal: where it is shown; where lines are wider, each reason has a line of its own.
  func lines(over scans: FitScans, isPlanar: Bool, on terminal: Terminal) -> [String] {
    let hasTimes = proposals.contains { $0.seconds != nil }
    let names = ["rank", "patch", "overlap", "patches", "lost", "redundancy", "memory"]
    let rows =
      [names + (hasTimes ? ["time"] : [])]
      + proposals.map { proposal in
        [
          "\(proposal.rank)", size(proposal.patch, isPlanar), size(proposal.overlap, isPlanar),
          Console.grouped(proposal.patches), Console.grouped(proposal.lostVoxels),
          Console.rounded(proposal.redundancy, decimals: 2), Console.bytes(proposal.peakBytes),
        ]
          + (hasTimes
            ? [
              proposal.seconds.map { $0 < 1 ? "\(Console.rounded($0)) s" : Console.duration($0.rounded(.up)) }
                ?? ""
            ] : [])
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let reasons = ["why"] + proposals.map(\.reason)
    let width = widths.reduce(2 * widths.count, +)
    let isNarrow = terminal.isTerminal && width + (reasons.map(\.count).max() ?? 0) > terminal.width
    return [headline(over: scans, isPlanar: isPlanar)]
      + zip(rows, reasons).flatMap { row, reason in
        let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let line = cells.joined(separator: "  ")
        let below = String(repeating: " ", count: widths[0] + 2)
        return isNarrow ? [line, below + reason] : ["\(line)  \(reason)"]
      }
  }

  private func headline(over scans: FitScans, isPlanar: Bool) -> String {
    // The runtime's own memory cannot be predicted.
    let own = model == nil ? "" : " and what the network takes"
    let limit = memoryLimit.map { ", within \(Console.bytes($0))\(own)" } ?? ""
    let edge = edge.prefix(isPlanar ? 2 : 3)
    let policies = Set(edge).count == 1 ? edge[0] : edge.joined(separator: ",")
    let axes = orientation.map { ", patches as it sees them in \($0)" } ?? ""
    return "\(scans.text), for \(model?.printable ?? "crop and merge")\(axes)\(limit), edge \(policies)"
  }

  /// What the first proposal loses, or that it loses nothing, for policies that can lose voxels.
  func remark(isPlanar: Bool) -> String? {
    guard let best = proposals.first, edge.contains("discard") else { return nil }
    let grid = "--patch \(size(best.patch, isPlanar)) --overlap \(size(best.overlap, isPlanar))"
    return best.lostVoxels == 0
      ? "with --edge discard, \(grid) loses nothing"
      : "with --edge discard no grid that is possible here loses nothing; --edge shift does"
  }

  private func size(_ sizes: [Int], _ isPlanar: Bool) -> String {
    sizes.prefix(isPlanar ? 2 : 3).map(String.init).joined(separator: "x")
  }
}
