import Voxtile
import VoxtileTestSupport

/// A label map of all objects, and the patches that were cut from it.
struct CutInstances {
  let grid: PatchGrid
  let patches: [Volume<Int32>]

  /// Cuts a binary image and numbers the components of each patch.
  init(components mask: [Bool], _ grid: PatchGrid) throws {
    let whole = try Volume<UInt8>(extent: grid.extent, voxels: mask.map { $0 ? 1 : 0 })
    self.grid = grid
    patches = try grid.map { patch in
      let found = try Components(of: VolumeInMemory(whole[patch]), keepsMap: true)
      return try found.map(as: Int32.self)
    }
  }

  /// Cuts a label map and gives the objects of each patch numbers of its own.
  init(labels: Volume<Int32>, _ grid: PatchGrid, using random: inout SplitMix64) {
    self.grid = grid
    patches = grid.map { patch in
      var cut = labels[patch]
      let found = Set(cut.voxels).subtracting([0]).sorted()
      let numbers = Array((1...Int32(2 * found.count + 1)).shuffled(using: &random).prefix(found.count))
      let names = Dictionary(uniqueKeysWithValues: zip(found, numbers))
      cut.voxels = cut.voxels.map { names[$0] ?? 0 }
      return cut
    }
  }

  /// Merges all patches.
  func merged(_ settings: InstanceSettings = InstanceSettings(jobs: .one)) throws -> (
    labels: [Int], report: InstanceReport
  ) {
    let (labels, report) = try grid.mergeInstances(settings: settings) { patches[$0.index] }
    return (labels.voxels.map { Int($0) }, report)
  }
}

/// Balls of a random size in a label map, each with a label of its own.
///
/// - Parameter apart: how many voxels two of them are apart at least; with 0 they may touch, and the later one gives way.
func balls(
  in extent: Extent, radii: ClosedRange<Int>, count: Int, apart: Int, using random: inout SplitMix64
) -> Volume<Int32> {
  var labels = Volume<Int32>(extent: extent, repeating: 0)
  var placed: [(center: Position, radius: Int)] = []
  for _ in 0..<count {
    let radius = Int.random(in: radii, using: &random)
    let center = Position(
      x: .random(in: 0..<extent.width, using: &random), y: .random(in: 0..<extent.height, using: &random),
      z: .random(in: 0..<extent.depth, using: &random))
    func squaredDistance(_ other: Position) -> Int {
      let d = other - center
      return d.x * d.x + d.y * d.y + d.z * d.z
    }
    guard
      placed.allSatisfy({
        let least = $0.radius + radius + apart
        return squaredDistance($0.center) > least * least
      })
    else { continue }
    placed.append((center, radius))
    for voxel in extent.positions where squaredDistance(voxel) <= radius * radius {
      labels[x: voxel.x, y: voxel.y, z: voxel.z] = Int32(placed.count)
    }
  }
  return labels
}
