import Voxtile

extension VolumeInfo {
  /// What the channels are, where the file that the image came from says it of as many.
  package var channelMeaning: ChannelMeaning {
    channels > 1 ? format?.channelMeaning(self) ?? metadata.channelMeaning ?? .unknown : .unknown
  }
}
