import Voxtile

/// A slow, obvious cubic B-spline along z, by nnU-Net's convention: whole lines, both recursions over all of a line.
public enum NaiveResampling {
  /// Resamples each line along z to a number of voxels.
  public static func alongZ(_ volume: Volume<Float>, to newDepth: Int) -> [Float] {
    let (extent, area) = (volume.extent, volume.extent.width * volume.extent.height)
    let (low, high) = (Double(volume.voxels.min() ?? 0), Double(volume.voxels.max() ?? 0))
    var result = [Float](repeating: 0, count: area * newDepth)
    for place in 0..<area {
      let line = (0..<extent.depth).map { Double(volume.voxels[$0 * area + place]) }
      for (z, value) in cubic(line, to: newDepth).enumerated() {
        result[z * area + place] = Float(min(max(value, low), high))
      }
    }
    return result
  }

  /// Resamples one line.
  public static func cubic(_ line: [Double], to count: Int) -> [Double] {
    guard count != line.count else { return line }
    let pad = 12
    let pole = 3.0.squareRoot() - 2
    let padded = (0..<line.count + 2 * pad).map { line[min(max($0 - pad, 0), line.count - 1)] * 6 }
    let length = padded.count
    var coefficients = padded
    // The line and its mirror image, over and over, to the left of the first value.
    var (start, power) = (padded[0], pole)
    for step in 0..<200 {
      let index = step % (2 * length)
      start += power * padded[index < length ? index : 2 * length - 1 - index]
      power *= pole
    }
    coefficients[0] = start
    for index in 1..<length { coefficients[index] = padded[index] + pole * coefficients[index - 1] }
    coefficients[length - 1] *= pole / (pole - 1)
    for index in (0..<length - 1).reversed() {
      coefficients[index] = pole * (coefficients[index + 1] - coefficients[index])
    }
    return (0..<count).map { output in
      let x = (Double(output) + 0.5) * Double(line.count) / Double(count) - 0.5 + Double(pad)
      return (Int(x.rounded(.down)) - 1...Int(x.rounded(.down)) + 2).reduce(0) { sum, index in
        sum + basis(x - Double(index)) * coefficients[min(max(index, 0), length - 1)]
      }
    }
  }

  /// The cubic B-spline, centered at 0.
  private static func basis(_ x: Double) -> Double {
    let distance = abs(x)
    if distance < 1 { return 2.0 / 3 - distance * distance + distance * distance * distance / 2 }
    let rest = max(0, 2 - distance)
    return rest * rest * rest / 6
  }
}
