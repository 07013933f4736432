import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

/// Another program that resamples, where it is installed.
struct ResamplingPeer: Sendable, CustomTestStringConvertible {
  let name: String
  /// The Python modules that it needs.
  let modules: String
  let convention: ResamplingConvention
  let interpolations: [Interpolation]

  static let all = [
    ResamplingPeer(
      name: "skimage", modules: "skimage", convention: .nnunet, interpolations: [.nearest, .linear, .cubic]),
    ResamplingPeer(
      name: "scipy", modules: "scipy", convention: .totalsegmentator,
      interpolations: [.nearest, .linear, .cubic]),
    ResamplingPeer(name: "torch", modules: "torch", convention: .nnunetTorch, interpolations: [.linear]),
    ResamplingPeer(
      name: "monai", modules: "monai, torch", convention: .monai, interpolations: [.nearest, .linear, .cubic]),
    ResamplingPeer(
      name: "torchio", modules: "torchio", convention: .torchio, interpolations: [.nearest, .linear, .cubic]),
    ResamplingPeer(
      name: "simpleitk", modules: "SimpleITK, numpy", convention: .torchio,
      interpolations: [.nearest, .linear, .cubic]),
  ]

  static var installed: [ResamplingPeer] {
    all.filter { OtherProgram.python(with: $0.modules) != nil }
  }

  var testDescription: String { name }
}

@Suite("Other programs that resample")
struct ResamplingPeerTests {
  private struct Case: Encodable {
    var peer: String
    var data: [Double]
    var shape: [Int]
    var spacing: [Double]
    var newSpacing: [Double]
    var newShape: [Int]
    var order: Int

    private enum CodingKeys: String, CodingKey {
      case peer, data, shape, spacing, order
      case newSpacing = "new_spacing"
      case newShape = "new_shape"
    }
  }

  private struct Result: Decodable {
    var shape: [Int]
    var data: [Double]
  }

  @Test("random volumes become what the program makes of them", arguments: ResamplingPeer.installed)
  func random(peer: ResamplingPeer) throws {
    let python = try #require(OtherProgram.python(with: peer.modules))
    var (cases, volumes, resamplings): ([Case], [Volume<Float>], [Resampling]) = ([], [], [])
    for var random in SplitMix64.cases(24, from: 9000) {
      let extent = Extent(
        width: Int.random(in: 2...14, using: &random), height: Int.random(in: 2...14, using: &random),
        depth: Int.random(in: 2...70, using: &random))
      // Sizes of voxels whose quotients are never near a half.
      let spacing = PerAxis(x: 0.8125, y: 1, z: 1.5)
      let new = spacing.map { $1 * Double.random(in: 0.61...1.73, using: &random) }
      var interpolation = try #require(peer.interpolations.randomElement(using: &random))
      func make() throws -> Resampling {
        try Resampling(
          of: extent, spacing: spacing, to: new, convention: peer.convention, interpolation: interpolation,
          separatesSlices: false)
      }
      // Half-way between two voxels, the last bit of a position decides which one is nearest.
      if interpolation == .nearest, try make().axes.all.contains(where: { $0.hasHalfWayPosition }) {
        interpolation = .linear
      }
      let resampling = try make()
      let data = (0..<extent.voxelCount).map { _ in Float.random(in: -1...1, using: &random) }
      volumes.append(try Volume(extent: extent, voxels: data))
      resamplings.append(resampling)
      cases.append(
        Case(
          peer: peer.name, data: data.map(Double.init), shape: extent.sizes.all.reversed(),
          spacing: spacing.all.reversed(), newSpacing: new.all.reversed(),
          newShape: resampling.newExtent.sizes.all.reversed(),
          order: [.nearest: 0, .linear: 1, .cubic: 3][interpolation] ?? 1))
    }
    let results = try withTemporaryFolder { folder in
      let file = URL(filePath: folder).appending(path: "cases.json")
      try JSONEncoder().encode(cases).write(to: file)
      let script = try Fixture.url("resample_with_peers.py").path
      return try JSONDecoder().decode(
        [Result].self, from: try OtherProgram.output(of: python, [script, file.path]))
    }
    for (index, result) in results.enumerated() {
      #expect(result.shape == cases[index].newShape, "\(peer.name) \(index)")
      let own = try volumes[index].resampled(resamplings[index], as: Float.self)
      let error = zip(own.voxels, result.data).map { abs(Double($0) - $1) }.max() ?? .infinity
      // The values have a range of 2.
      #expect(error <= 4e-7, "\(peer.name), order \(cases[index].order), case \(index)")
    }
  }
}

extension AxisResampling {
  /// Whether a new voxel lies half-way between two old ones, but for rounding.
  fileprivate var hasHalfWayPosition: Bool {
    (0..<newLength).contains { index in
      let position = position(of: index)
      return abs(position - position.rounded(.down) - 0.5) < 1e-6
    }
  }
}
