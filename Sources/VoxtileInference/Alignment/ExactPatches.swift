import Voxtile

/// The search for patches with which an aligned grid gives what a network gives of the whole scan.
///
/// A scan of `N` voxels along an axis, padded to a multiple of the stride, in `n` patches that share `2 * radius`: each has
/// `(N + (n - 1) * 2 * radius) / n` voxels, rounded up to the stride. Shorter ones make one patch more, and longer ones predict more than that.
package struct ExactPatches {
  /// The scans, along the axes of the model's image.
  package let scans: [Extent]
  /// How far the network looks, and by what it may be moved.
  package let reach: NetworkReach
  /// What the size of a patch is a multiple of besides the stride.
  package var multiple = PerAxis(1)
  /// The patch that the model has, along the axes where it takes no other.
  package var fixed = PerAxis<Int?>(nil)
  /// Whether patches are single slices, as those of a 2D network.
  package var isPlanar = false

  /// Creates a search for scans, of which there is at least one.
  package init(scans: [Extent], reach: NetworkReach) {
    precondition(!scans.isEmpty, "the search was given no scan")
    (self.scans, self.reach) = (scans, reach)
  }

  /// By what patches are aligned: by multiples of the stride that the size of a patch can have.
  package var alignment: PerAxis<Int> {
    reach.stride.map { axis, stride in
      isPlanar && axis == .z ? 1 : stride / greatestCommonDivisor(stride, multiple[axis]) * multiple[axis]
    }
  }

  /// The patches, those with which the fewest voxels of all scans are predicted first; of equal ones the largest.
  ///
  /// - Returns: none where the patch that is fixed is not longer than twice the radius, or no multiple of the stride.
  /// - Complexity: a few thousand patches for each scan.
  package func ranked() -> [Extent] {
    let choices = reach.stride.map { axis, _ in lengths(along: axis) }
    var found: [(patch: Extent, predicted: Double)] = []
    for x in choices.x {
      for y in choices.y {
        for z in choices.z {
          let predicted = scans.indices.reduce(0.0) {
            $0 + Double(x.predicted[$1]) * Double(y.predicted[$1]) * Double(z.predicted[$1])
          }
          found.append((Extent(width: x.length, height: y.length, depth: z.length), predicted))
        }
      }
    }
    return found.sorted { a, b in
      a.predicted != b.predicted
        ? a.predicted < b.predicted : Self.rank(a.patch).lexicographicallyPrecedes(Self.rank(b.patch))
    }.map(\.patch)
  }

  private static func rank(_ patch: Extent) -> [Double] {
    let sizes = patch.sizes.all.map(Double.init)
    return [-sizes.reduce(1, *)] + sizes
  }

  /// The lengths of patches along an axis than which no shorter one is better, with the voxels that are predicted along it, of each scan.
  private func lengths(along axis: Axis) -> [(length: Int, predicted: [Int])] {
    var kept: [(length: Int, predicted: [Int])] = []
    for length in candidates(along: axis).sorted() {
      let predicted = scans.compactMap { self.predicted(of: $0[axis], length, along: axis) }
      guard predicted.count == scans.count else { continue }
      let isWorse = kept.contains {
        $0.predicted != predicted && zip($0.predicted, predicted).allSatisfy { $0 <= $1 }
      }
      if !isWorse { kept.append((length, predicted)) }
    }
    // What is left out lies between two others.
    let most = isPlanar ? 512 : 48
    let step = (kept.count + most - 1) / most
    return step <= 1
      ? kept : Swift.stride(from: 0, to: kept.count, by: step).map { kept[$0] } + kept.suffix(1)
  }

  private func candidates(along axis: Axis) -> Set<Int> {
    if isPlanar, axis == .z { return [1] }
    let unit = alignment[axis]
    if let length = fixed[axis] { return length.isMultiple(of: unit) ? [length] : [] }
    var lengths: Set<Int> = []
    let shared = 2 * reach.radius[axis]
    for whole in Set(scans.map { $0[axis].roundedUp(to: unit) }) {
      for count in 1...(isPlanar ? 512 : 32) {
        lengths.insert(((whole + (count - 1) * shared + count - 1) / count).roundedUp(to: unit))
      }
    }
    return lengths
  }

  /// The voxels along an axis that patches of a length predict, one after another; `nil` where neighbors would share all of a patch.
  private func predicted(of extent: Int, _ length: Int, along axis: Axis) -> Int? {
    let unit = alignment[axis]
    let whole = extent.roundedUp(to: unit)
    if length >= whole { return fixed[axis] == nil ? whole : length }
    let shared = isPlanar && axis == .z ? 0 : 2 * reach.radius[axis]
    let step = (length - shared) / unit * unit
    guard step > 0 else { return nil }
    return ((whole - length + step - 1) / step + 1) * length
  }
}

extension Int {
  fileprivate func roundedUp(to unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
