import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore

/// A grid that was tried, and its place in the ranking.
private struct Found {
  var key: [Double]
  var patch: Extent
  var overlap: PerAxis<Int>
}

/// A search over everything, with which the tests of `GridFit` compare.
protocol GridFitComparison {}

extension GridFitComparison {
  /// The best grid, by trying all patches and all overlaps and comparing as the documentation says.
  func bruteForce(_ fit: GridFit, memory: @escaping GridFit.Memory) throws -> GridFit.Proposal? {
    var best: Found?
    let lengths = fit.edge.map { axis, edge in
      let extents = fit.scans.map { $0.extent[axis] }
      if let patch = fit.patch, fit.keepsPatch { return [patch[axis]] }
      if extents.allSatisfy({ $0 == 1 }) { return [1] }
      return (1...2 * (extents.max() ?? 1)).filter { length in
        guard length % fit.multiple[axis] == 0 else { return false }
        if case .pad = edge { return length - fit.multiple[axis] < extents.max() ?? 0 }
        return extents.allSatisfy { length <= $0 }
      }
    }
    for x in lengths.x {
      for y in lengths.y {
        for z in lengths.z {
          let patch = Extent(width: x, height: y, depth: z)
          let preferred = try fit.overlap.map { axis, overlap in
            patch[axis] == 1 ? 0 : try overlap.voxels(patch: patch[axis], axis: axis)
          }
          let overlaps = preferred.map { axis, own in fit.keepsOverlap ? own...own : 0...patch[axis] - 1 }
          for a in overlaps.x {
            for b in overlaps.y {
              for c in overlaps.z {
                let overlap = PerAxis(x: a, y: b, z: c)
                let settings = GridSettings(
                  patch: patch, overlap: overlap.map { .voxels($1) }, edge: fit.edge, padding: fit.padding,
                  order: fit.order)
                var (lost, voxels, fits) = (0, 0, true)
                for (index, scan) in fit.scans.enumerated() {
                  guard let grid = try? PatchGrid(over: scan.extent, settings: settings),
                    try Self.fits(grid, index, memory)
                  else {
                    fits = false
                    break
                  }
                  lost = max(lost, grid.coverage.lostVoxels)
                  voxels = max(voxels, grid.coverage.patchVoxels)
                }
                guard fits else { continue }
                var key = [Double(lost)]
                if let asked = fit.patch {
                  key.append(Double(abs(x - asked.width) + abs(y - asked.height) + abs(z - asked.depth)))
                } else {
                  let mean = { (axis: Axis) in
                    fit.scans.reduce(0) { $0 + $1.spacing[axis] } / Double(fit.scans.count)
                  }
                  key += [Double(x) * mean(.x), Double(y) * mean(.y), Double(z) * mean(.z)].sorted().map {
                    -$0
                  }
                }
                key.append(
                  Double(abs(a - preferred.x) + abs(b - preferred.y) + abs(c - preferred.z)))
                key += [Double(voxels), -Double(patch.voxelCount), -Double(x), -Double(y), -Double(z)]
                key += [Double(a), Double(b), Double(c)]
                if best.map({ key.lexicographicallyPrecedes($0.key) }) ?? true {
                  best = Found(key: key, patch: patch, overlap: overlap)
                }
              }
            }
          }
        }
      }
    }
    return try best.flatMap { found in
      var kept = fit
      (kept.patch, kept.keepsPatch, kept.keepsOverlap) = (found.patch, true, true)
      kept.overlap = found.overlap.map { .voxels($1) }
      return try kept.proposals(count: 1, memory: memory).first
    }
  }

  /// Whether a job fits the memory: where it does not, there is no number, or an error that says what would do.
  static func fits(_ grid: PatchGrid, _ scan: Int, _ memory: GridFit.Memory) throws -> Bool {
    do {
      return try memory(grid, scan) != nil
    } catch let error as VoxtileError where error.code == .memoryTooLow {
      return false
    }
  }

  func info(_ extent: Extent) -> VolumeInfo {
    VolumeInfo(extent: extent, channels: 1, scalarType: .uint8, metadata: VolumeMetadata())
  }

  func compare(_ fit: GridFit, memory: @escaping GridFit.Memory) throws {
    let found = try? fit.proposals(memory: memory).first
    let expected = try bruteForce(fit, memory: memory)
    #expect(found?.patch == expected?.patch && found?.overlap == expected?.overlap)
    #expect(found?.patches == expected?.patches && found?.lostVoxels == expected?.lostVoxels)
    #expect(found?.peakBytes == expected?.peakBytes && found?.redundancy == expected?.redundancy)
  }
}
