/// How boxes are merged with kernels.
extension MergePlan {
  /// Whether sums are divided by those of the weights, rather than multiplied by a reciprocal or made of shares.
  ///
  /// Half-way between two integers is a mean of whole weights only where it is a quotient. To `Float` it makes no
  /// difference.
  ///
  /// - Parameter type: the type of the result.
  func mustDivide(_ type: ScalarType) -> Bool { divides && type != .float32 }

  /// Whether kernels for boxes divide; those of doubles always do, since they divide differences.
  func boxesDivide(_ type: ScalarType) -> Bool { mustDivide(type) || type == .float64 }

  /// Whether there are kernels for the blend and the type of the patches, if it is that of the result.
  func hasKernels(for type: ScalarType) -> Bool {
    switch blend {
    case .mean: type.byteCount < 8 || type == .float64
    case .majority, .maximum, .center, .last: true
    }
  }

  /// What kernels have to do with a box, and the columns over which more patches lie than they take.
  ///
  /// - Precondition: there are kernels, and no patch over the box is absent.
  func work(in box: MergeBox, type: ScalarType) -> (kernels: [BoxWork], dense: [Range<Int>]) {
    if box.patches.y.isEmpty || box.patches.z.isEmpty { return ([], []) }
    if blend.isChoice { return (workOfOwners(in: box, type: type), []) }
    let perColumn = box.patches.y.count * box.patches.z.count
    var runs: [BoxRun] = []
    var dense: [Range<Int>] = []
    for run in axes.x.runs(in: box.columns) {
      if run.value.count * perColumn <= BoxKernel.mostPatches {
        let operation = operation(across: run.value.count, perColumn: perColumn, type: type)
        runs.append(BoxRun(columns: run.range, patches: run.value, operation: operation))
      } else {
        // Side by side they are merged together.
        if let last = dense.last, last.upperBound == run.range.lowerBound {
          dense[dense.count - 1] = last.lowerBound..<run.range.upperBound
        } else {
          dense.append(run.range)
        }
      }
    }
    let groups = groups(of: runs, perColumn: perColumn)
    return (groups.map { BoxWork(box, $0, of: self, type: type) }, dense)
  }

  /// Each part of a box that one patch owns is copied.
  private func workOfOwners(in box: MergeBox, type: ScalarType) -> [BoxWork] {
    let runs = owners.x.filter { $0.range.overlaps(box.columns) }.map { owned in
      BoxRun(
        columns: owned.range.clamped(to: box.columns), patches: owned.value..<owned.value + 1,
        operation: .copy)
    }
    var work: [BoxWork] = []
    for z in owners.z where z.range.overlaps(box.slices) {
      for y in owners.y where y.range.overlaps(box.rows) {
        let part = MergeBox(
          channel: box.channel, slices: z.range.clamped(to: box.slices),
          rows: y.range.clamped(to: box.rows), columns: box.columns,
          patches: PerAxis(x: box.patches.x, y: y.value..<y.value + 1, z: z.value..<z.value + 1))
        work += groups(of: runs, perColumn: 1).map { BoxWork(part, $0, of: self, type: type) }
      }
    }
    return work
  }

  /// What is done with some patches side by side and some over the same columns.
  private func operation(across: Int, perColumn: Int, type: ScalarType) -> BoxOperation {
    if across * perColumn == 1 { return .copy }
    switch blend {
    case .mean(let profile):
      if profile.isUniform && type != .float64 { return .plainMean }
      let areShares = !boxesDivide(type) && across <= 2 && [1, 2, 4].contains(perColumn)
      return areShares ? .meanByShares : .weightedMean
    case .majority: return .vote
    case .maximum: return .maximum
    case .center, .last: return .copy
    }
  }

  /// Runs side by side that are merged together: as many as have so few patches that all their memory can be held at once.
  ///
  /// Long runs come first in a group. Long rows are read as memory lies, and draw the short ones beside them, where patches
  /// overlap, into the caches.
  private func groups(of runs: [BoxRun], perColumn: Int) -> [[BoxRun]] {
    var groups: [[BoxRun]] = []
    var first = 0
    for run in runs {
      if groups.isEmpty || (run.patches.upperBound - first) * perColumn > 128 {
        groups.append([])
        first = run.patches.lowerBound
      }
      groups[groups.count - 1].append(run)
    }
    return groups.map { group in
      group.filter { $0.columns.count >= 128 } + group.filter { $0.columns.count < 128 }
    }
  }
}
