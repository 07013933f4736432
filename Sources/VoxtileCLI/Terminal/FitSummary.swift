import Voxtile
import VoxtileInference
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
    /// The share of labels that differ from those of the whole scan, as far as a patch in its middle shows it.
    var loss: Double?
    /// The same where patches begin at multiples of the network's stride.
    var alignedLoss: Double?
    var reason: String
  }

  /// How far the network looks.
  struct Reach: Encodable {
    /// By what it may be moved, in voxels along the axes of its image.
    var stride: [Int]
    /// How far it looks, likewise.
    var radius: [Int]
    /// The options that say so to `infer`, with an alignment.
    var options: String
  }

  var scans: Int
  var edge: [String]
  var memoryLimit: Int?
  var model: String?
  /// What the network takes itself for a voxel of a patch; `nil` where that is not known.
  var networkBytesPerVoxel: Double?
  /// `nil` where it is not known, or the network sees its whole patch.
  var reach: Reach?
  var orientation: String?
  var multipleOf: [Int]
  var proposals: [Proposal]
  /// Patches that give what the network gives of the whole scan, those that predict the fewest voxels first.
  var exact: [Proposal]

  /// Proposals as a table.
  ///
  /// - Parameters:
  ///   - scans: what they are for.
  ///   - isPlanar: whether patches have no depth.
  ///   - terminal: where it is shown; where lines are wider, each reason has a line of its own.
  func lines(over scans: FitScans, isPlanar: Bool, on terminal: Terminal) -> [String] {
    let rows = proposals.map { ("\($0.rank)", $0) } + exact.map { ("exact", $0) }
    let hasTimes = rows.contains { $1.seconds != nil }
    let hasLosses = rows.contains { $1.loss != nil }
    let names = ["rank", "patch", "overlap", "patches", "lost", "redundancy", "memory"]
    let cells =
      [names + (hasTimes ? ["time"] : []) + (hasLosses ? ["differs", "aligned"] : [])]
      + rows.map { rank, proposal in
        [
          rank, size(proposal.patch, isPlanar), size(proposal.overlap, isPlanar),
          Console.grouped(proposal.patches), Console.grouped(proposal.lostVoxels),
          Console.rounded(proposal.redundancy, decimals: 2), Console.bytes(proposal.peakBytes),
        ] + (hasTimes ? [proposal.seconds.map(Self.time) ?? ""] : [])
          + (hasLosses ? [Self.share(proposal.loss), Self.share(proposal.alignedLoss)] : [])
      }
    let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let reasons = ["why"] + rows.map(\.1.reason)
    let width = widths.reduce(2 * widths.count, +)
    let isNarrow = terminal.isTerminal && width + (reasons.map(\.count).max() ?? 0) > terminal.width
    return [headline(over: scans, isPlanar: isPlanar)]
      + zip(cells, reasons).flatMap { row, reason in
        let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let line = cells.joined(separator: "  ")
        let below = String(repeating: " ", count: widths[0] + 2)
        return isNarrow ? [line, below + reason] : ["\(line)  \(reason)"]
      }
  }

  private func headline(over scans: FitScans, isPlanar: Bool) -> String {
    let own =
      model == nil
      ? ""
      : networkBytesPerVoxel.map { ", \(Int($0.rounded())) bytes a voxel of a patch for the network" }
        ?? " and what the network takes"
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

  /// What patches that equal the whole scan cost beside the first proposal, or what they need where there are none.
  func exactRemark(isPlanar: Bool) -> String? {
    guard let best = proposals.first, let reach else { return nil }
    guard let exact = exact.first else {
      let shared = size(reach.radius.map { 2 * $0 }, isPlanar)
      return
        "no patches that are allowed here equal the whole scan: they have to be longer than \(shared) voxels, or to "
        + "cover the scan, within the memory"
    }
    guard exact.redundancy < 0.95 * best.redundancy else { return nil }
    return "--patch \(size(exact.patch, isPlanar)) \(reach.options) predicts "
      + "\(Console.rounded(exact.redundancy, decimals: 1)) times the scan instead of "
      + "\(Console.rounded(best.redundancy, decimals: 1)), and gives what the network gives of the whole scan"
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 1 ? "\(Console.rounded(seconds)) s" : Console.duration(seconds.rounded(.up))
  }

  /// A share in percent; where there were no labels, a dash.
  private static func share(_ share: Double?) -> String {
    guard let share else { return "-" }
    return share == 0 ? "0" : "\(Console.rounded(100 * share, decimals: 1))%"
  }

  /// What the columns of labels mean; `nil` where there are none.
  var lossRemark: String? {
    guard proposals.contains(where: { $0.loss != nil }) else { return nil }
    return
      "differs  about so many of the labels other than background change, beside the whole scan at once; aligned: the same with "
      + "--align \(reach?.options.split(separator: " ").dropFirst().first ?? "")"
  }

  private func size(_ sizes: [Int], _ isPlanar: Bool) -> String {
    sizes.prefix(isPlanar ? 2 : 3).map(String.init).joined(separator: "x")
  }
}

extension FitSummary.Proposal {
  /// One of the proposals of a search.
  init(_ proposal: GridFit.Proposal, rank: Int, seconds: Double?, loss: PatchLoss?) {
    self.init(
      rank: rank, patch: proposal.patch.sizes.all, overlap: proposal.overlap.all, patches: proposal.patches,
      lostVoxels: proposal.lostVoxels, redundancy: proposal.redundancy, peakBytes: proposal.peakBytes,
      seconds: seconds, loss: loss?.share, alignedLoss: loss?.alignedShare, reason: proposal.reason)
  }

  /// Patches that give what the network gives of the whole scan.
  init(_ grid: ExactGrid, rank: Int) {
    self.init(
      rank: rank, patch: grid.patch.sizes.all, overlap: grid.overlap.all,
      patches: grid.plans.map(\.grid.count).max() ?? 0, lostVoxels: 0, redundancy: grid.redundancy,
      peakBytes: grid.peakBytes, seconds: grid.plans.map(\.seconds).max(), loss: 0, alignedLoss: 0,
      reason: rank == 1 ? "equals the whole scan" : "equals it, in less memory")
  }
}

extension FitSummary.Reach {
  /// - Parameter alignment: of what the first voxels of exact patches are multiples; `nil` where there are none.
  init(_ reach: NetworkReach, alignment: PerAxis<Int>?) {
    let used = NetworkReach(stride: alignment ?? reach.stride, radius: reach.radius)
    self.init(stride: reach.stride.all, radius: reach.radius.all, options: AlignmentOptions.text(used))
  }
}
