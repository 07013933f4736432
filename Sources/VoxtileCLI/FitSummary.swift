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
  var multipleOf: [Int]
  var proposals: [Proposal]

  /// Proposals as a table.
  func lines(over scans: FitScans) -> [String] {
    let hasTimes = proposals.contains { $0.seconds != nil }
    let names = ["rank", "patch", "overlap", "patches", "lost", "redundancy", "memory"]
    var rows = [names + (hasTimes ? ["time"] : []) + ["why"]]
    for proposal in proposals {
      rows.append(
        [
          "\(proposal.rank)", size(proposal.patch), size(proposal.overlap), Console.grouped(proposal.patches),
          Console.grouped(proposal.lostVoxels), Console.rounded(proposal.redundancy, decimals: 2),
          Console.bytes(proposal.peakBytes),
        ]
          + (hasTimes
            ? [proposal.seconds.map { "\(Console.rounded($0, decimals: $0 < 1 ? 3 : 1)) s" } ?? ""] : [])
          + [proposal.reason])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let limit = memoryLimit.map { ", within \(Console.bytes($0))" } ?? ""
    let policies = Set(edge).count == 1 ? edge[0] : edge.joined(separator: ",")
    return ["\(scans.text), for \(model ?? "crop and merge")\(limit), edge \(policies)"]
      + rows.map { row in
        zip(row, widths).enumerated().map { column, cell in
          column == row.count - 1 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
        }.joined(separator: "  ")
      }
  }

  /// What the first proposal loses, or that it loses nothing where that is not a matter of course.
  var remark: String? {
    guard let best = proposals.first, edge.contains("discard") else { return nil }
    return best.lostVoxels == 0
      ? "with --edge discard, --patch \(size(best.patch)) --overlap \(size(best.overlap)) loses nothing"
      : "with --edge discard no grid that is possible here loses nothing; --edge shift does"
  }

  private func size(_ sizes: [Int]) -> String {
    let isPlanar = proposals.allSatisfy { $0.patch[2] == 1 }
    return sizes.prefix(isPlanar ? 2 : 3).map(String.init).joined(separator: "x")
  }
}
