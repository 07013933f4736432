import Testing
import Voxtile
import VoxtileTestSupport

@Suite("TileResampler")
struct TileResamplerTests {
  @Test(
    "tiles of any size have the bits of the whole volume, with any instructions",
    arguments: [KernelInstructions.baseline, .best])
  func tiles(_ instructions: KernelInstructions) throws {
    for var random in SplitMix64.cases(200, from: 7000) {
      func size() -> Int { Int.random(in: 1...12, using: &random) }
      let extent = Extent(width: size() * 3, height: size(), depth: size())
      let convention = ResamplingConvention.allCases.randomElement(using: &random) ?? .nnunet
      let axes = extent.sizes.map { axis, length in
        // Some axes stay, and some are not interpolated, as where slices lie far apart.
        let isPicked = axis != .x && Bool.random(using: &random)
        return AxisResampling(
          length: length, newLength: Bool.random(using: &random) ? length : 3 * size(),
          convention: convention,
          interpolation: isPicked && convention.has(.nearest) ? .nearest : .linear)
      }
      let resampling = try Resampling(axes).reversed(
        along: PerAxis(x: Bool.random(using: &random), y: Bool.random(using: &random), z: false))
      let volume = try Volume<Float>(
        extent: extent,
        voxels: (0..<extent.voxelCount).map { _ in Float.random(in: -100...100, using: &random) })
      let whole = try volume.resampled(resampling, as: Float.self, jobs: .one)
      let new = resampling.newExtent
      let resampler = TileResampler(resampling, instructions: instructions)
      var (rows, tiled) = (TileRows(), [Float](repeating: .nan, count: new.voxelCount))
      let (height, width) = (Int.random(in: 1...new.height, using: &random), size())
      for plane in 0..<new.depth {
        #expect(resampler.planes(for: plane).upperBound < extent.depth)
        for y in stride(from: 0, to: new.height, by: height) {
          for x in stride(from: 0, to: new.width, by: width) {
            let part = ResampledTile(
              plane: plane, lines: y..<min(new.height, y + height), columns: x..<min(new.width, x + width))
            var values = [Float](repeating: 0, count: part.lines.count * part.columns.count)
            var span = values.mutableSpan
            resampler.resample(part, from: volume.voxels.span, with: &rows, to: &span) { plane, line in
              #expect(resampler.planes(for: part.plane).contains(plane))
              return (plane * extent.height + line) * extent.width
            }
            for (index, value) in values.enumerated() {
              let (row, column) = index.quotientAndRemainder(dividingBy: part.columns.count)
              tiled[(plane * new.height + y + row) * new.width + x + column] = value
            }
          }
        }
      }
      #expect(tiled == whole.voxels, "\(random) \(resampling)")
    }
  }
}
