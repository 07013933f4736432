import Voxtile
import VoxtileFormats

/// Writes a patch as a file of its own, which is not waited for on the disk: the folder it lies in will be.
///
/// - Parameters:
///   - volume: the stored values, with the place of the patch.
///   - info: what the file is.
///   - path: where the file goes; the ending chooses the format.
///   - isPart: whether the patch is less than the image that it was cut from.
///   - options: how it is written.
/// - Returns: the checksum of the file, or of the folder where the format is one of folders.
func writePatchFile<Scalar: VoxelScalar>(
  _ volume: Volume<Scalar>, as info: VolumeInfo, to path: String, isPart: Bool, options: WriteOptions
) throws -> Checksum {
  var writing = options
  writing.isSummed = true
  writing.isDurable = false
  writing.isPart = isPart
  let writer = try ImageFormats.create(path, info: info, options: writing)
  try writer.write(volume, slices: 0..<volume.extent.depth)
  try writer.finish()
  let sum = (writer as? any SummedFileWriter)?.fileChecksum
  return try sum.map { Checksum($0) } ?? Checksum(ofImage: path)
}
