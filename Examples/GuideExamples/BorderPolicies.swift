import Voxtile

func borderPolicies() throws {
  try discarded()
  try policyForEachAxis()
}

private func discarded() throws {
  let grid = try PatchGrid(
    over: Extent(width: 181, height: 217, depth: 181), patch: Extent(96), overlap: .voxels(32),
    edge: .discard)
  print(grid.coverage.lostVoxels)  // 3013137
  print(grid.coverage.uncovered.y)  // [Range(160..<217)]
}

private func policyForEachAxis() throws {
  let settings = GridSettings(
    patch: Extent(width: 96, height: 96, depth: 32),
    overlap: PerAxis(x: .voxels(32), y: .voxels(32), z: .voxels(8)),
    edge: PerAxis(x: .shift, y: .shift, z: .pad(.both)), padding: .edge)
  let thick = try PatchGrid(over: Extent(width: 512, height: 512, depth: 24), settings: settings)
  print(thick.counts.z)  // 1
  print(thick[0].region)  // 96x96x32 at (0, 0, -4)
  print(thick[0].valid)  // 96x96x24 at (0, 0, 0)
}
