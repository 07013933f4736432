import Voxtile

func howTilingWorks() throws {
  try workedExample()
  try patchOrders()
  try coverageCounts()
}

private func workedExample() throws {
  let grid = try PatchGrid(
    over: Extent(width: 181, height: 217, depth: 181), patch: Extent(96), overlap: .voxels(32))
  print(grid.count)  // 27
  print(grid.axes.y.starts)  // [0, 64, 121]
  print(grid[26])  // patch 26: 96x96x96 at (85, 121, 85)
  print(grid.coverage.lostVoxels)  // 0
}

private func patchOrders() throws {
  let cube = Extent(width: 4, height: 4, depth: 4)
  let byX = try PatchGrid(over: cube, patch: Extent(2), overlap: .voxels(0))
  let byZ = try PatchGrid(over: cube, patch: Extent(2), overlap: .voxels(0), order: .zFastest)
  print(byX[1].region.origin)  // (2, 0, 0)
  print(byZ[1].region.origin)  // (0, 0, 2)
}

private func coverageCounts() throws {
  let lossy = try PatchGrid(
    over: Extent(width: 10, height: 10), patch: Extent(width: 3, height: 3), overlap: .voxels(1),
    edge: .discard)
  print(lossy.count)  // 16
  print(lossy.coverage.lostVoxels)  // 19
  print(lossy.coverage.uncovered.x)  // [Range(9..<10)]
  print(lossy.coverage.count(at: Position(x: 2, y: 4)))  // 4
}

func process(
  grid: PatchGrid,
  read: (Region) throws -> Volume<Int16>,
  predict: (Volume<Int16>) throws -> Volume<Float>,
  write: @escaping @Sendable (PlacedVolume<Float>) throws -> Void
) throws {
  var window = CropWindow<Int16>(grid: grid)
  let settings = MergeSettings(blend: .gaussian)
  try PatchMerger<Float>.mergeSlabs(of: grid, settings: settings, to: write) { merger in
    for layer in 0..<window.groupCount {
      try window.advance(to: layer, read: read)
      for patch in window.patches(inGroup: layer) {
        try merger.add(predict(window[patch]), at: patch)
      }
    }
  }
}
