import Foundation
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

extension Program {
  /// The path of a file in the folder that the program runs in.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes an image of random values; those of a PNG have no place in the world.
  func makeImage<Scalar: VoxelScalar>(
    _ name: String, _ extent: Extent, channels: Int = 1, as type: Scalar.Type = Int16.self,
    limit: Double = 30_000
  ) throws {
    var random = SplitMix64(seed: 5)
    let voxels = (0..<extent.voxelCount * channels).map { _ in
      Scalar(nearest: .random(in: 0...limit, using: &random))
    }
    var volume = try Volume(extent: extent, channels: channels, voxels: voxels)
    volume.metadata = VolumeMetadata(
      affine: extent.isPlanar
        ? Affine(spacing: PerAxis(1)) : Affine(rows: [[-2, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 2.5, 30]]))
    try volume.write(to: path(name))
  }

  /// The stored bytes of an image in the folder, or anywhere.
  func voxels(_ name: String) throws -> [UInt8] {
    func bytes(_ volume: some AnyVolume) -> [UInt8] { volume.typed.voxels.withUnsafeBytes(Array.init) }
    return bytes(try ImageFormats.open(name.hasPrefix("/") ? name : path(name)).readAny())
  }

  /// The description of an image in the folder, or anywhere.
  func info(_ name: String) throws -> VolumeInfo {
    try ImageFormats.open(name.hasPrefix("/") ? name : path(name)).info
  }
}

/// The path of a tiny model of the tests of VoxtileInference.
func model(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "VoxtileInferenceTests/Fixtures/models/\(name).onnx").path
}
