import Voxtile
import VoxtileInference
import VoxtileTestSupport

/// What a prediction means, voxel by voxel in `Double`: the whole scan is turned to the model's image first, patches
/// are cut from it, and the merged image is turned back.
struct NaiveInference {
  var settings: InferenceSettings
  /// The orientation of the scan as it is stored.
  var stored = "RAS"
  var rank = 3
  /// How patches become an image, where that is not their weighted mean: of shape `(classes, depth, height, width)`.
  var merge:
    ((_ extent: Extent, _ patches: [NaivePatch<Double>], _ weight: (Int, Position) -> Double) -> [Double])?
  let predict: (NetworkPatch) throws -> NetworkPatch

  /// The merged values; `fill` where no patch counts.
  func merged(_ scan: Volume<Float>, fill: Double = 0) throws -> [Float] {
    let turned = scan.extent.positions.map { place(of: $0, in: scan.extent) }
    let extent = modelExtent(of: scan.extent)
    // The model's image, voxel by voxel.
    var image = [Float](repeating: .nan, count: scan.voxels.count)
    for (index, voxel) in turned.enumerated() {
      for channel in 0..<scan.channels {
        image[channel * extent.voxelCount + number(of: voxel, in: extent)] =
          scan.voxels[channel * extent.voxelCount + index]
      }
    }
    let (grid, weights) = try layout(over: extent)
    var constant: Float = 0
    if case .constant(let value) = grid.settings.padding { constant = Float(value) }
    var patches: [NaivePatch<Double>] = []
    var classes = 0
    for patch in grid {
      let voxels = naiveCrop(
        image, extent: extent, channels: scan.channels, region: patch.region, padding: patch.padding,
        constant: constant)
      let output = try predicted(voxels, patch.region.extent, channels: scan.channels)
      classes = output.count / patch.region.voxelCount
      patches.append(NaivePatch(region: patch.region, values: output.map(Double.init)))
    }
    func weight(_ number: Int, _ offset: Position) -> Double {
      weights.weight(at: offset, of: grid[number])
    }
    let merged =
      merge?(extent, patches, weight)
      ?? naiveMerge(extent: extent, channels: classes, patches: patches, fill: fill, weight: weight).values
    return (0..<classes).flatMap { channel in
      turned.map { Float(merged[channel * extent.voxelCount + number(of: $0, in: extent)]) }
    }
  }

  private func number(of voxel: Position, in extent: Extent) -> Int {
    (voxel.z * extent.height + voxel.y) * extent.width + voxel.x
  }

  /// The patches over the model's image, x fastest, and their weights.
  private func layout(over extent: Extent) throws -> (PatchGrid, PatchWeights) {
    var patch = settings.patch ?? extent
    var overlap = settings.overlap
    if rank == 2 {
      patch = Extent(width: patch.width, height: patch.height)
      overlap?.z = .voxels(0)
    }
    if let mode = settings.compatibility {
      let grid = try mode.grid(over: extent, patch: patch, overlap: overlap)
      var ordered = grid.settings
      ordered.order = .xFastest
      return (try PatchGrid(over: extent, settings: ordered, axes: grid.axes), try mode.weights(for: grid))
    }
    let edge = settings.edge.map { axis, policy in
      extent[axis] < patch[axis] && policy != .partial && policy != .pad(.both)
        ? EdgePolicy.pad(.end) : policy
    }
    let grid = try PatchGrid(
      over: extent,
      settings: GridSettings(
        patch: patch, overlap: overlap ?? PerAxis(.fraction(0.5), patch: patch), edge: edge,
        padding: settings.padding))
    return (grid, try PatchWeights(blend: settings.blend, grid: grid))
  }

  /// The prediction of voxels of shape `(channels, depth, height, width)`, in the same order.
  private func predicted(_ voxels: [Float], _ extent: Extent, channels: Int) throws -> [Float] {
    let names: [Axis] = rank == 2 ? [.x, .y] : [.x, .y, .z]
    let order = settings.axes == .xyz ? names : names.reversed()
    let input = NetworkPatch(channels: channels, spatial: order.map { extent[$0] }, values: [])
    // For each place of the tensor, the voxel.
    let source = input.places.map { place in
      var voxel = PerAxis(0)
      for (axis, index) in zip(order, place) { voxel[axis] = index }
      return number(of: Position(x: voxel.x, y: voxel.y, z: voxel.z), in: extent)
    }
    var tensor = input
    tensor.values = (0..<channels).flatMap { channel in
      source.map { voxels[channel * extent.voxelCount + $0] }
    }
    let output = try mirrored(tensor, along: order)
    var result = [Float](repeating: .nan, count: output.values.count)
    for channel in 0..<output.channels {
      for (index, voxel) in source.enumerated() {
        result[channel * extent.voxelCount + voxel] = output.values[channel * extent.voxelCount + index]
      }
    }
    return result
  }

  /// The mean over all ways of mirroring.
  private func mirrored(_ tensor: NetworkPatch, along order: [Axis]) throws -> NetworkPatch {
    let axes = order.indices.filter { settings.mirrors.contains(order[$0]) }
    var sums: [Double] = []
    var last = tensor
    for subset in 0..<1 << axes.count {
      let chosen = axes.indices.filter { subset >> $0 & 1 == 1 }.map { axes[$0] }
      let output = flipped(try predict(flipped(tensor, along: chosen)), along: chosen)
      if sums.isEmpty { sums = [Double](repeating: 0, count: output.values.count) }
      for index in sums.indices { sums[index] += Double(output.values[index]) }
      last = output
    }
    return NetworkPatch(
      channels: last.channels, spatial: last.spatial, values: sums.map { Float($0 / Double(1 << axes.count)) }
    )
  }

  private func flipped(_ patch: NetworkPatch, along axes: [Int]) -> NetworkPatch {
    let places = patch.places
    let source = places.map { place in
      place.enumerated().reduce(0) { sum, item in
        let (axis, index) = item
        return sum * patch.spatial[axis] + (axes.contains(axis) ? patch.spatial[axis] - 1 - index : index)
      }
    }
    var result = patch
    result.values = (0..<patch.channels).flatMap { channel in
      source.map { patch.values[channel * patch.count + $0] }
    }
    return result
  }
}

extension NaiveInference {
  /// The world direction of a letter.
  static func direction(_ letter: Character) -> [Int] {
    switch letter {
    case "R": [1, 0, 0]
    case "L": [-1, 0, 0]
    case "A": [0, 1, 0]
    case "P": [0, -1, 0]
    case "S": [0, 0, 1]
    default: [0, 0, -1]
    }
  }

  /// For each axis of the model's image the stored axis, and whether it runs the same way: the only two directions that
  /// are not at a right angle.
  private var turns: [(axis: Axis, isSame: Bool)] {
    (settings.orientation?.letters ?? stored).map { letter in
      for (axis, own) in zip(Axis.allCases, stored) {
        let product = zip(Self.direction(letter), Self.direction(own)).reduce(0) { $0 + $1.0 * $1.1 }
        if product != 0 { return (axis, product > 0) }
      }
      preconditionFailure("an orientation has one letter of each pair")
    }
  }

  func modelExtent(of stored: Extent) -> Extent {
    let sizes = turns.map { stored[$0.axis] }
    return Extent(width: sizes[0], height: sizes[1], depth: sizes[2])
  }

  /// Where a stored voxel lies in the model's image.
  func place(of voxel: Position, in stored: Extent) -> Position {
    let places = turns.map { $0.isSame ? voxel[$0.axis] : stored[$0.axis] - 1 - voxel[$0.axis] }
    return Position(x: places[0], y: places[1], z: places[2])
  }

  /// An affine with an orientation.
  static func affine(_ letters: String) -> Affine {
    let columns = letters.map { direction($0) }
    return Affine(
      rows: (0..<3).map { row in columns.enumerated().map { Double($1[row]) * Double(2 + $0) } + [Double(row)]
      })
  }

  /// All 48 orientations.
  static let orientations: [String] = {
    let pairs = ["RL", "AP", "SI"]
    var found: [String] = []
    for first in pairs {
      for second in pairs where second != first {
        for third in pairs where third != first && third != second {
          for a in first { for b in second { for c in third { found.append(String([a, b, c])) } } }
        }
      }
    }
    return found
  }()
}
