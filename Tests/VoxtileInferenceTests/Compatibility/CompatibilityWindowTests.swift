import Testing
import Voxtile

@testable import VoxtileInference

@Suite("Windows of other systems") struct CompatibilityWindowTests {
  /// The weights of the only patch of an image of its size.
  private func window(_ name: String, patch sizes: [Int]) throws -> [Double] {
    let mode = try #require(Compatibility(name))
    let patch = Extent(sizes)
    let grid = try mode.grid(over: patch, patch: patch)
    let weights = try mode.weights(for: grid)
    try weights.check(for: grid)
    return (0..<patch.voxelCount).map { index in
      let offset = Position(
        x: index % patch.width, y: index / patch.width % patch.height,
        z: index / (patch.width * patch.height))
      return weights.weight(at: offset, of: grid[0])
    }
  }

  @Test("a window equals the system's own", arguments: try CompatibilityGolden.load().windows)
  func goldens(golden: CompatibilityGolden.Window) throws {
    let expected = try CompatibilityGolden.values(at: golden.offset, count: golden.count)
    let found = try window(golden.mode, patch: golden.patch)
    try #require(found.count == expected.count)
    for (found, expected) in zip(found, expected.map(Double.init)) {
      switch golden.mode {
      case "nnunet":
        #expect(found == expected)
      case "torchio-hann":
        // 1 - cos in float32 loses digits where the window is small.
        #expect(abs(found - expected) <= 1e-6 * expected + 2e-7)
      default:
        #expect(abs(found - expected) <= 1e-6 * expected)
      }
    }
  }

  @Test("larger windows of nnU-Net have the bits of its own")
  func checksums() throws {
    let goldens = try CompatibilityGolden.load().nnUNetChecksums
    #expect(goldens.count == 3)
    for golden in goldens {
      let sum = PeerWindow.nnUNet(Extent(golden.patch)).enumerated().reduce(UInt64(0)) { sum, weight in
        sum &+ halfBits(weight.element) &* UInt64(weight.offset % 65521 + 1)
      }
      #expect(sum == golden.sum)
    }
  }

  /// The bits of a number above 0 that half precision has.
  private func halfBits(_ value: Float) -> UInt64 {
    guard value.exponent >= -14 else { return UInt64(value * 0x1p24) }
    return UInt64(value.exponent + 15) << 10 | UInt64((value.significand - 1) * 1024)
  }

  @Test("the vectors that are known by hand")
  func known() throws {
    func expect(_ name: String, _ patch: Int, _ expected: [Double]) throws {
      for (found, expected) in zip(try window(name, patch: [patch, 1, 1]), expected) {
        #expect(abs(found - expected) <= 2e-3 * expected, "\(name) \(patch)")
      }
    }
    try expect("nnunet", 5, [0.0597602, 2.780373, 10, 2.780373, 0.0597602])
    try expect("monai", 8, [0.0021875, 0.0439369, 0.3246524, 0.8824969, 0.8824969, 0.3246524])
    try expect("monai", 5, [0.005976, 0.2780373, 1, 0.2780373, 0.005976])
    try expect("torchio-hann", 4, [0.3454915, 0.9045085, 0.9045085, 0.3454915])
    try expect("torchio-hann", 5, [0.25, 0.75, 1, 0.75, 0.25])
    try expect("patchly", 8, [0.000153, 0.007696, 0.104895, 0.387256, 0.387256])
    try expect("torchio-average", 4, [1, 1, 1, 1])
    try expect("monai-constant", 4, [1, 1, 1, 1])
  }

  @Test("MONAI's window has a floor of 0.001, after the product")
  func floor() throws {
    let weights = try window("monai", patch: [16, 16, 16])
    #expect(weights.min() == Double(Float(1e-3)))
    #expect(weights.count { $0 == Double(Float(1e-3)) } > weights.count / 3)
  }

  @Test("no weight of nnU-Net's is 0, the least one is the least of half precision")
  func leastHalf() throws {
    let weights = try window("nnunet", patch: [32, 32, 32])
    #expect(weights.min() == 0x1p-24)
    #expect(weights.max() == 10)
  }

  @Test("half precision rounds to the nearest, ties to even, and keeps the numbers it has")
  func half() {
    for (value, expected) in [
      (0, 0), (1, 1), (10, 10), (1.0009765625, 1.0009765625), (1.00048828125, 1),
      (1.00146484375, 1.001953125),
      (2049, 2048), (2051, 2052), (0x1p-24, 0x1p-24), (0x1p-25, 0), (0x1.8p-25, 0x1p-24),
      (0x1.8p-24, 0x1p-23),
      (0x1p-14, 0x1p-14), (0x1.ff8p-15, 0x1.ff8p-15), (0.1, 0.0999755859375), (.leastNonzeroMagnitude, 0),
    ] as [(Float, Float)] {
      #expect(roundedToHalf(value) == expected && roundedToHalf(-value) == -expected, "\(value)")
      #expect(roundedToHalf(Double(value)) == expected && roundedToHalf(-Double(value)) == -expected)
    }
    #expect(roundedToHalf(Float(65519)) == 65504 && roundedToHalf(Float(65520)) == .infinity)
    #expect(roundedToHalf(Float(-1e38)) == -.infinity && roundedToHalf(Float.infinity) == .infinity)
    #expect(roundedToHalf(65519.99) == 65504 && roundedToHalf(-65520.0) == -.infinity)
    #expect(roundedToHalf(Float.nan).isNaN && roundedToHalf(Double.nan).isNaN)
    // Rounded to single precision first, it would be the tie that goes down.
    #expect(roundedToHalf(1.00048828125 + 1e-12) == 1.0009765625)
  }

  @Test("all numbers of half precision stay, and what lies between two goes to the nearer one")
  func allHalves() {
    for exponent in -24...15 {
      let step = Float(sign: .plus, exponent: max(exponent, -14) - 10, significand: 1)
      let first = Float(sign: .plus, exponent: exponent, significand: 1)
      for number in 0..<(exponent < -14 ? 1 << (exponent + 24) : 1024) {
        let value = first + Float(number) * step
        #expect(roundedToHalf(value) == value)
        #expect(roundedToHalf(value + 0.49 * step) == value)
        #expect(value + step > 65504 || roundedToHalf(value + 0.51 * step) == value + step)
      }
    }
  }

  @Test("TorchIO's crop gives each voxel to one patch, without half the overlap at inner borders")
  func crop() throws {
    let grid = try Compatibility.torchIOCrop.grid(
      over: Extent(width: 10, height: 1), patch: Extent(width: 5, height: 1), overlap: .voxels(2))
    #expect(grid.axes.x.starts == [0, 3, 5])
    guard case .product(let axes) = try Compatibility.torchIOCrop.weights(for: grid) else {
      Issue.record("crop is a product")
      return
    }
    // The second patch has 4 ... 6 after its crop; the third one, shifted back, has 6 ... 9 and wins.
    #expect(axes.x == [[1, 1, 1, 1, 0], [0, 1, 1, 0, 0], [0, 1, 1, 1, 1]])
  }

  @Test("a patch with more voxels than a window may have is refused before anything is allocated")
  func hugeWindow() throws {
    for mode in [Compatibility.monai, .nnUNet] {
      let grid = try mode.grid(over: Extent(2), patch: Extent(width: 1 << 20, height: 1 << 20))
      let error = #expect(throws: VoxtileError.self) { try mode.weights(for: grid) }
      #expect(error?.code == .invalidGrid)
    }
  }
}
