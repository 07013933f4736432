import Voxtile
import VoxtileStore

extension GridSummary {
  /// Three numbers as sizes are written, without the depth of a 2D image and its patches.
  func size(_ sizes: [Int]) -> String {
    sizes.prefix(extent[2] == 1 && patch[2] == 1 ? 2 : 3).map(String.init).joined(separator: "x")
  }

  /// What the image consists of: `pixel` or `voxel`.
  private var element: String { isPlanar ? "pixel" : "voxel" }

  /// The axes that matter: all but z for a single slice.
  var shownAxes: [Axis] { Axis.allCases.filter { $0 != .z || extent[2] > 1 || patch[2] > 1 } }

  /// The size of a voxel, without the depth of a 2D image.
  private func spacing(of sizes: [Double]) -> String {
    sizes.prefix(isPlanar ? 2 : 3).map { Console.rounded($0) }.joined(separator: " x ")
  }

  /// The summary as lines of text.
  var lines: [String] {
    let size = self.size
    let policies = Set(edge).count == 1 ? edge[0] : edge.joined(separator: ",")
    var lines = [
      "image       \(size(extent)) \(element)s, \(scalarType.rawValue)"
        + (channels == 1 ? "" : ", \(channels) channels")
        + (hasSpacing ? ", \(spacing(of: spacing)) mm" : ""),
      "patch       \(size(patch)), overlap \(size(overlap)), stride \(size(stride)), edge \(policies)",
      "patches     \(size(counts)) = \(Console.grouped(patches)), \(order.rawValue) fastest",
    ]
    for axis in shownAxes {
      let values = starts[axis.rawValue] ?? []
      let shown =
        values.count > 16
        ? "\(Self.joined(values.prefix(8))) ... \(Self.joined(values.suffix(4)))" : Self.joined(values[...])
      lines.append("starts \(axis)    \(shown)")
    }
    lines.append(
      "coverage    \(Console.grouped(coveredVoxels)) of \(Console.grouped(imageVoxels)) \(element)s; "
        + (lostVoxels == 0
          ? "nothing is lost" : "\(Console.grouped(lostVoxels)) \(lostVoxels == 1 ? "is" : "are") lost"))
    lines.append(
      "redundancy  \(Console.rounded(redundancy, decimals: 2)) times the image, "
        + "\(Console.bytes(outputBytes)) before compression")
    if let cropMemory, let mergeMemory {
      lines.append("memory      crop \(cropMemory.text), merge \(mergeMemory.text)")
    }
    return lines
  }

  /// What is lost, where, and how not to lose it; empty where nothing is.
  var warnings: [String] {
    guard lostVoxels > 0 else { return [] }
    let percent = Console.rounded(100 * Double(lostVoxels) / Double(imageVoxels), decimals: 2)
    let places = lost.map { loss in
      Console.count(loss.to - loss.from, element)
        + (hasSpacing ? " (\(Console.rounded(loss.millimeters)) mm)" : "")
        + " at \(loss.axis) = "
        + (loss.to - loss.from == 1 ? "\(loss.from)" : "\(loss.from) to \(loss.to - 1)")
    }
    var better = self.overlap
    for loss in lost {
      if let overlap = loss.losslessOverlap { better[loss.axis.index] = overlap }
    }
    return [
      "\(Console.count(lostVoxels, element)) (\(percent)%) \(lostVoxels == 1 ? "is" : "are") in no patch: "
        + "\(places.joined(separator: ", "))",
      tip(overlap: better),
    ]
  }

  /// How not to lose anything, and what it costs. Another overlap is left out where that is much more.
  private func tip(overlap better: [Int]) -> String {
    func count(overlap: [Int], covering: Bool) -> Int {
      // Cannot overflow: it is at most the number of voxels.
      counts.indices.reduce(1) { product, axis in
        let (room, stride) = (extent[axis] - patch[axis], patch[axis] - overlap[axis])
        guard edge[axis] == EdgePolicy.discard.description, room >= 0, stride > 0 else {
          return product * counts[axis]
        }
        return product * ((room + (covering ? stride - 1 : 0)) / stride + 1)
      }
    }
    let shifted = count(overlap: overlap, covering: true)
    let overlapped = count(overlap: better, covering: false)
    return
      "to lose nothing use --edge shift (\(Console.count(shifted, "patch")) instead of \(Console.grouped(patches)))"
      + (overlapped <= 4 * shifted ? ", or --overlap \(size(better)) (\(Console.grouped(overlapped)))" : "")
  }

  private static func joined(_ values: ArraySlice<Int>) -> String {
    values.map(String.init).joined(separator: " ")
  }
}

extension MemoryPlan {
  /// The plan in a few words.
  var text: String {
    let scratch = scratchBytes > 0 ? ", \(Console.bytes(scratchBytes)) of scratch" : ""
    return "\(Console.bytes(peakBytes))\(scratch) (\(step.summary))"
  }
}
