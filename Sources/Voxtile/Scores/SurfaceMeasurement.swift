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

  /// The most memory for steps to the nearest points, in bytes; where it is not enough, rows are taken one block after another.
  static let maximumBytes = 320 << 20

  /// All distances from the source to the target.
  ///
  /// - Complexity: O(points) for the planes, and at most the number of layers for each point of the surface.
  func distances() -> SurfaceDistances.Distribution {
    var sums: [UInt64: Double] = [:]
    for rows in blocks {
      for part in sumsByLayer(rows: rows) {
        // Layer by layer, whoever measured them, so that sums of areas have the same bits for any number of threads.
        for (square, area) in part { sums[square, default: 0] += area }
      }
    }
    return SurfaceDistances.Distribution(
      sums.map { .init(distance_mm: Double(bitPattern: $0.key).squareRoot(), area: $0.value) })
  }

  /// Rows that are measured at the same time.
  private var blocks: [Range<Int>] {
    let extent = target.extent
    let rowBytes = max(1, extent.width * extent.depth * MemoryLayout<UInt32>.size)
    let count = max(1, Self.maximumBytes / rowBytes)
    return stride(from: 0, to: extent.height, by: count).map { $0..<min($0 + count, extent.height) }
  }

  /// For each layer the area at each squared distance, which is given by its bits.
  private func sumsByLayer(rows: Range<Int>) -> [[UInt64: Double]] {
    let extent = target.extent
    let planes = jobs.map(extent.depth) { layer in
      target.codes(ofLayer: layer).map {
        PlaneDistances(to: $0, width: extent.width, rows: rows, spacing: spacing)
      }
    }
    return jobs.map(extent.depth) { layer in
      guard let codes = source.codes(ofLayer: layer) else { return [:] }
      var sums: [UInt64: Double] = [:]
      for y in rows {
        for x in 0..<extent.width {
          let code = codes[y * extent.width + x]
          guard code != 0 else { continue }
          let place = (y - rows.lowerBound) * extent.width + x
          let square = squaredDistance(to: planes, layer: layer, place: place)
          sums[square.bitPattern, default: 0] += areas[Int(code)]
        }
      }
      return sums
    }
  }

  /// The squared distance in mm² from a point to the nearest point of the target.
  private func squaredDistance(to planes: [PlaneDistances?], layer: Int, place: Int) -> Double {
    var nearest = Double.infinity
    for step in 0..<max(layer + 1, planes.count - layer) {
      let z = Double(step) * spacing.z
      if z * z >= nearest { break }
      for other in step == 0 ? [layer] : [layer - step, layer + step] where planes.indices.contains(other) {
        guard let plane = planes[other] else { continue }
        let steps = plane.steps[place]
        let y = Double(steps & 0xffff) * spacing.y
        let x = Double(steps >> 16) * spacing.x
        // In this order, so that a distance equal to a tolerance is so for peers, too.
        nearest = min(nearest, z * z + y * y + x * x)
      }
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
