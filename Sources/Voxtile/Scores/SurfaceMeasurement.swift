/// Measures how far two surfaces of one box are from each other.
///
/// Only distances at the points of a surface are asked for, so the third axis needs no transform: from each such point the layers
/// before and after are looked at, until they are farther than what was found.
struct SurfaceMeasurement: Sendable {
  /// The surface that distances are measured from.
  let source: SurfaceLayers
  /// The surface that they are measured to; over the same points.
  let target: SurfaceLayers
  /// The distance between points in mm.
  let spacing: PerAxis<Double>
  /// The area of each kind of point.
  let areas: [Double]
  /// How many threads work.
  let jobs: Jobs

  /// The most memory for what is known of the points, in bytes; where it is not enough, rows are taken one block after another.
  var maximumBytes = 400 << 20

  /// All distances from the source to the target.
  ///
  /// - Complexity: O(points) for the planes, and at most the number of layers for each point of the surface.
  func distances() -> SurfaceDistances.Distribution {
    var sums: [UInt64: Double] = [:]
    for rows in blocks {
      // Row by row, whoever measured them, so that sums of areas have the same bits for any number of threads.
      for part in sumsByRow(rows) {
        for (square, area) in part { sums[square, default: 0] += area }
      }
    }
    return SurfaceDistances.Distribution(
      sums.map { .init(distanceMillimeters: Double(bitPattern: $0.key).squareRoot(), area: $0.value) })
  }

  /// Rows that are measured at the same time.
  private var blocks: [Range<Int>] {
    let extent = target.extent
    let pointBytes = MemoryLayout<UInt32>.size + MemoryLayout<UInt8>.size
    let count = max(1, maximumBytes / max(1, extent.width * extent.depth * pointBytes))
    return stride(from: 0, to: extent.height, by: count).map { $0..<min($0 + count, extent.height) }
  }

  /// For each row the area at each squared distance, which is given by its bits.
  private func sumsByRow(_ rows: Range<Int>) -> [[UInt64: Double]] {
    let extent = target.extent
    let area = extent.width * rows.count
    let codes = [UInt8](parts: extent.depth, of: area, jobs: jobs) { layer, codes in
      let found = source.codes(ofLayer: layer)
      let start = rows.lowerBound * extent.width
      for place in 0..<area { codes[place] = found?[start + place] ?? 0 }
    }
    let steps = [UInt32](parts: extent.depth, of: area, jobs: jobs) { layer, steps in
      if let marks = target.codes(ofLayer: layer) {
        PlaneDistances.measure(to: marks, width: extent.width, rows: rows, spacing: spacing, into: &steps)
      } else {
        for place in 0..<area { steps[place] = PlaneDistances.none }
      }
    }
    return jobs.map(rows.count) { row in
      var sums: [UInt64: Double] = [:]
      let (codes, steps) = (codes.span, steps.span)
      for layer in 0..<extent.depth {
        for place in row * extent.width..<(row + 1) * extent.width {
          let code = codes[layer * area + place]
          guard code != 0 else { continue }
          let square = squaredDistance(from: layer, to: steps, place: place, area: area)
          sums[square.bitPattern, default: 0] += areas[Int(code)]
        }
      }
      return sums
    }
  }

  /// The squared distance in mm² from a point to the nearest point of the target.
  ///
  /// - Parameters:
  ///   - layer: the layer of the point.
  ///   - steps: for each point of all layers the steps to the nearest point in its own layer.
  ///   - place: the point within its layer.
  ///   - area: the number of points of a layer.
  private func squaredDistance(from layer: Int, to steps: Span<UInt32>, place: Int, area: Int) -> Double {
    let last = steps.count / area - 1
    var nearest = Double.infinity
    func look(at other: Int, _ z: Double) {
      let steps = steps[other * area + place]
      guard steps != PlaneDistances.none else { return }
      let y = Double(steps & 0xffff) * spacing.y
      let x = Double(steps >> 16) * spacing.x
      // In this order, so that a distance equal to a tolerance is so for peers, too.
      nearest = min(nearest, z * z + y * y + x * x)
    }
    for step in 0...max(layer, last - layer) {
      let z = Double(step) * spacing.z
      if z * z >= nearest { break }
      if step <= layer { look(at: layer - step, z) }
      if step <= last - layer { look(at: layer + step, z) }
    }
    return nearest
  }
}

extension Jobs {
  /// The results of a body, one for each index, in order.
  func map<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    // A body that does not throw gives all of them.
    (try? mapThrowing(count, body)) ?? []
  }
}
