extension LabelIndex {
  /// How many voxels of each of ``classes`` a box has, in their order. What lies outside the scan is not counted.
  ///
  /// - Complexity: O(rows and runs of the box).
  public func voxelCounts(in box: Region) -> [Int] {
    let box = box.intersection(Region(extent))
    var counts = [Int](repeating: 0, count: classes.count)
    for z in box.z {
      for y in box.y {
        forEachRun(inRow: z * extent.height + y, columns: box.x) { run, columns in
          counts[run.value] += columns.count
        }
      }
    }
    counts[Self.backgroundPlace] = box.voxelCount - counts.reduce(0, +)
    return counts
  }

  /// The number of voxels of a box that are not background.
  func foregroundCount(in box: Region) -> Int {
    let bounds = foreground.bounds(in: box)
    if bounds.lowerBound == bounds.upperBound { return bounds.lowerBound }
    return countForeground(in: box)
  }

  /// Whether a box has at least so many voxels that are not background. Mostly its bricks tell.
  func hasForeground(atLeast least: Int, in box: Region) -> Bool {
    let bounds = foreground.bounds(in: box)
    if bounds.lowerBound >= least { return true }
    return bounds.upperBound >= least && countForeground(in: box) >= least
  }

  /// The voxels of one class.
  ///
  /// - Parameters:
  ///   - place: its place in ``classes``.
  ///   - box: only those in a box.
  /// - Complexity: O(runs).
  func voxels(ofClassAt place: Int, in box: Region? = nil) -> VoxelIntervals {
    if place == Self.backgroundPlace, box == nil {
      return voxels { _ in true }.complement(in: extent.voxelCount)
    }
    return place == Self.backgroundPlace
      ? background(in: box ?? Region(extent)) : voxels(in: box) { $0 == place }
  }

  /// All voxels that are not background.
  func foregroundVoxels(in box: Region? = nil) -> VoxelIntervals { voxels(in: box) { _ in true } }

  /// The voxels of one component.
  ///
  /// - Parameter number: its place in ``components``.
  func voxels(ofComponent number: Int) -> VoxelIntervals {
    var voxels = VoxelIntervals()
    let box = components[number].region
    for z in box.z {
      for y in box.y {
        let row = z * extent.height + y
        components.runs?.forEach(inRow: row) { run, found in
          guard Int(found) == number + 1 else { return }
          voxels.append(
            extent.place(ofRow: row) + run.x.lowerBound..<extent.place(ofRow: row) + run.x.upperBound)
        }
      }
    }
    return voxels
  }

  /// Whether a box holds a voxel of a component.
  func holds(componentAt number: Int, in box: Region) -> Bool {
    let box = box.intersection(components[number].region)
    for z in box.z {
      for y in box.y {
        var isFound = false
        components.runs?.forEach(inRow: z * extent.height + y) { run, found in
          if Int(found) == number + 1, run.x.overlaps(box.x) { isFound = true }
        }
        if isFound { return true }
      }
    }
    return false
  }

  private func countForeground(in box: Region) -> Int {
    let box = box.intersection(Region(extent))
    var count = 0
    for z in box.z {
      for y in box.y {
        forEachRun(inRow: z * extent.height + y, columns: box.x) { _, columns in count += columns.count }
      }
    }
    return count
  }

  private func voxels(in box: Region? = nil, where matches: (Int) -> Bool) -> VoxelIntervals {
    let box = box ?? Region(extent)
    var voxels = VoxelIntervals()
    for z in box.z {
      for y in box.y {
        let row = z * extent.height + y
        forEachRun(inRow: row, columns: box.x) { run, columns in
          guard matches(run.value) else { return }
          let start = extent.place(ofRow: row)
          voxels.append(start + columns.lowerBound..<start + columns.upperBound)
        }
      }
    }
    return voxels
  }

  /// The background of a box.
  private func background(in box: Region) -> VoxelIntervals {
    var voxels = VoxelIntervals()
    for z in box.z {
      for y in box.y {
        let row = z * extent.height + y
        let start = extent.place(ofRow: row)
        var end = box.x.lowerBound
        forEachRun(inRow: row, columns: box.x) { _, columns in
          voxels.append(start + end..<start + columns.lowerBound)
          end = columns.upperBound
        }
        voxels.append(start + end..<start + box.x.upperBound)
      }
    }
    return voxels
  }

  /// Calls a body with each run of a row that has voxels in some columns, and with those columns of it.
  private func forEachRun(
    inRow row: Int, columns: Range<Int>, _ body: (_ run: LabelRun, _ columns: Range<Int>) -> Void
  ) {
    for index in (row == 0 ? 0 : rowEnds[row - 1])..<rowEnds[row] {
      let inside = runs[index].x.clamped(to: columns)
      if !inside.isEmpty { body(runs[index], inside) }
    }
  }
}
