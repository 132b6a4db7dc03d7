--[[ Why a photo could not be judged, in Lightroom's language. Pure: no host.

The daemon's own message is in English and has more detail: it is shown in an English Lightroom.
]]

local PhotoErrors = {}

local IS_ENGLISH = LOC '$$$/Autocull/Language=en' == 'en'

local TEXTS = {
  missing = LOC '$$$/Autocull/PhotoError/Missing=The file is missing.',
  not_a_file = LOC '$$$/Autocull/PhotoError/NotAFile=This is no file.',
  no_permission = LOC '$$$/Autocull/PhotoError/NoPermission=Autocull has no permission to read the file.',
  empty = LOC '$$$/Autocull/PhotoError/Empty=The file is empty.',
  not_a_photo = LOC '$$$/Autocull/PhotoError/NotAPhoto=The file is no photo.',
  unsupported = LOC '$$$/Autocull/PhotoError/Unsupported=This kind of file cannot be read.',
  damaged = LOC '$$$/Autocull/PhotoError/Damaged=The file is damaged.',
  too_large = LOC '$$$/Autocull/PhotoError/TooLarge=The picture is too large.',
  too_small = LOC '$$$/Autocull/PhotoError/TooSmall=The picture is too small.',
  no_picture = LOC '$$$/Autocull/PhotoError/NoPicture=The file holds no picture that can be read.',
  changing = LOC '$$$/Autocull/PhotoError/Changing=The file is being written.',
  timeout = LOC '$$$/Autocull/PhotoError/Timeout=Reading the file took too long.',
  crashed = LOC '$$$/Autocull/PhotoError/Crashed=Reading the file ended the program that reads it.',
  out_of_memory = LOC '$$$/Autocull/PhotoError/OutOfMemory=There is too little memory to read the file.',
  bad_path = LOC '$$$/Autocull/PhotoError/BadPath=The path names no file that can be read.',
}

--- Returns the message of an error { code, message } of the daemon about one photo.
function PhotoErrors.message(err)
  if IS_ENGLISH then return err.message end
  return TEXTS[err.code] or LOC('$$$/Autocull/PhotoError/Other=The file cannot be read (^1).', tostring(err.code))
end

return PhotoErrors
