import Voxtile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func blending() throws {
  try labels()
  try instances()
  try uncoveredVoxels()
  try exactness()
}

func cosineMerger(grid: PatchGrid) throws -> PatchMerger<Float> {
  let cosine = BlendProfile("cosine") { length, axis in
    axis == .z
      ? [Double](repeating: 1, count: length)
      : (0..<length).map { sin(Double.pi * (Double($0) + 0.5) / Double(length)) }
  }
  let merger = try PatchMerger<Float>(grid: grid, blend: .mean(cosine))
  return merger
}

private func labels() throws {
  let strip = try PatchGrid(
    over: Extent(width: 3, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(1))
  let liver = Volume<UInt8>(extent: strip.patch, repeating: 1)
  let spleen = Volume<UInt8>(extent: strip.patch, repeating: 3)

  func merged(_ blend: Blend) throws -> [UInt8] {
    let merger = try PatchMerger<UInt8>(grid: strip, blend: blend)
    try merger.add(liver, at: strip[0])
    try merger.add(spleen, at: strip[1])
    return try merger.finish().voxels
  }
  print(try merged(.average))  // [1, 2, 3]
  print(try merged(.vote))  // [1, 1, 3]
}

private func instances() throws {
  let line = try PatchGrid(
    over: Extent(width: 10, height: 1), patch: Extent(width: 6, height: 1), overlap: .voxels(2))
  let found: [[UInt16]] = [[1, 1, 0, 0, 2, 2], [1, 1, 1, 0, 0, 2]]
  let (cells, report) = try line.mergeInstances { patch in
    try Volume(extent: line.patch, voxels: found[patch.index])
  }
  print(cells.voxels)  // [1, 1, 0, 0, 2, 2, 2, 0, 0, 3]
  print(report.joinedInstanceCount)  // 1
}

private func uncoveredVoxels() throws {
  let row = try PatchGrid(
    over: Extent(width: 5, height: 1), patch: Extent(width: 2, height: 1), overlap: .voxels(0),
    edge: .discard)
  let filled = try PatchMerger<Int16>(
    grid: row, settings: MergeSettings(blend: .average, fill: -1024))
  for patch in row { try filled.add(Volume<Int16>(extent: row.patch, repeating: 7), at: patch) }
  print(row.coverage.lostVoxels)  // 1
  print(try filled.finish().voxels)  // [7, 7, 7, 7, -1024]
}

private func exactness() throws {
  let scan = try Volume<Double>(
    extent: Extent(width: 7, height: 5, depth: 3), voxels: (0..<105).map { 1 / Double($0 + 1) })
  let cells = try PatchGrid(over: scan.extent, patch: Extent(3), overlap: .voxels(1))
  let forward = try PatchMerger<Double>(grid: cells, blend: .average)
  let backward = try PatchMerger<Double>(
    grid: cells, settings: MergeSettings(blend: .average, jobs: .one))
  for patch in cells { try forward.add(scan[patch], at: patch) }
  for patch in cells.reversed() { try backward.add(scan[patch], at: patch) }
  let once = try forward.finish()
  print(once == scan)  // true
  print(try backward.finish() == once)  // true
}
