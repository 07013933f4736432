/// Counts the voxels of two label maps and where they agree, for all labels in one pass.
///
/// It holds three numbers and a box for each label, whatever the size of the maps.
struct OverlapCounter: Sendable {
  /// What is known of a label.
  struct Tally: Sendable {
    var counts = OverlapCounts()
    /// The box of the label in either map.
    var box: Region?

    fileprivate mutating func extend(_ run: LabelRun, y: Int, z: Int) {
      let found = Region(x: run.x, y: y..<y + 1, z: z..<z + 1)
      box = box?.union(found) ?? found
    }
  }

  /// The labels that were found, but for 0.
  private(set) var tallies: [Int: Tally] = [:]

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - reference: the runs of the row in the reference, in ascending order.
  ///   - prediction: those of the same row in the prediction.
  ///   - y: the row.
  ///   - z: the slice.
  /// - Complexity: O(runs).
  mutating func add(
    reference: some Collection<LabelRun>, prediction: some Collection<LabelRun>, y: Int, z: Int
  ) {
    for run in reference {
      tallies[run.value, default: Tally()].counts.reference += run.x.count
      tallies[run.value]?.extend(run, y: y, z: z)
    }
    for run in prediction {
      tallies[run.value, default: Tally()].counts.prediction += run.x.count
      tallies[run.value]?.extend(run, y: y, z: z)
    }
    LabelRun.forEachCommonPart(of: reference, and: prediction) { first, second, x in
      if first.value == second.value { tallies[first.value]?.counts.both += x.count }
    }
  }
}

extension LabelRun {
  /// Calls a body with each two runs of two rows that share columns, in ascending order.
  ///
  /// - Complexity: O(runs).
  static func forEachCommonPart<Runs: Collection<LabelRun>, OtherRuns: Collection<LabelRun>>(
    of runs: Runs, and others: OtherRuns, _ body: (LabelRun, LabelRun, Range<Int>) -> Void
  ) {
    var (place, other) = (runs.startIndex, others.startIndex)
    while place < runs.endIndex, other < others.endIndex {
      let (first, second) = (runs[place], others[other])
      let x = first.x.clamped(to: second.x)
      if !x.isEmpty { body(first, second, x) }
      if first.upper <= second.upper {
        runs.formIndex(after: &place)
      } else {
        others.formIndex(after: &other)
      }
    }
  }
}
