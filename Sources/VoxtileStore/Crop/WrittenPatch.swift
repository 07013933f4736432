import Voxtile
import VoxtileFormats

/// Writes a patch as a file of its own, which is not waited for on the disk: the folder it lies in will be.
///
/// - Parameters:
///   - volume: the stored values, with the place of the patch.
///   - info: what the image is that it was cut from; its size and place do not count.
///   - path: where the file goes; the ending chooses the format.
/// - Returns: the checksum of the file.
func writePatchFile<Scalar: VoxelScalar>(
  _ volume: Volume<Scalar>, like info: VolumeInfo, to path: String, compression: WriteOptions.CompressionLevel
) throws -> Checksum {
  var info = info
  info.extent = volume.extent
  info.metadata = volume.metadata
  var writing = WriteOptions(compression: compression)
  writing.isSummed = true
  writing.isDurable = false
  let writer = try ImageFormats.create(path, info: info, options: writing)
  try writer.write(volume, slices: 0..<volume.extent.depth)
  try writer.finish()
  let sum = (writer as? any SummedFileWriter)?.fileChecksum
  return try sum.map { Checksum($0) } ?? Checksum(ofFile: path)
}
