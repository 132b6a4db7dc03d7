--[[ Photos in collapsed stacks: Lightroom neither shows nor selects those below the top. All functions need a task. ]]

local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'

local Stacks = {}

local RAW = { 'isInStackInFolder', 'stackInFolderIsCollapsed' }

local function collapsed(photos)
  local raws, tops = CatalogReader.readRaw(photos, RAW), {}
  for _, photo in ipairs(photos) do
    local facts = raws[photo]
    if facts and facts.isInStackInFolder and facts.stackInFolderIsCollapsed then tops[#tops + 1] = photo end
  end
  return tops
end

-- Adds the members of the stacks of `tops` that are not in `included`, by their local identifiers.
local function addMembers(tops, included, hidden)
  local raws = CatalogReader.readRaw(tops, { 'stackInFolderMembers' })
  for _, top in ipairs(tops) do
    for _, member in ipairs((raws[top] or {}).stackInFolderMembers or {}) do
      local id = member.localIdentifier
      if not included[id] then hidden[#hidden + 1] = member end
      included[id] = true
    end
  end
end

--- Returns the photos that are hidden in the collapsed stacks of `photos`, without those in `photos`.
function Stacks.hidden(photos)
  local included, hidden = {}, {}
  for _, photo in ipairs(photos) do included[photo.localIdentifier] = true end
  for first = 1, #photos, CatalogReader.BATCH do
    local tops = collapsed { unpack(photos, first, math.min(first + CatalogReader.BATCH - 1, #photos)) }
    if #tops > 0 then addMembers(tops, included, hidden) end
    LrTasks.yield()
  end
  return hidden
end

local function confirm(count)
  return LrDialogs.confirm(
    LOC('$$$/Autocull/Stacks/Ask=And the ^1 photos in collapsed stacks?', tostring(count)),
    LOC '$$$/Autocull/Stacks/AskInfo=Lightroom does not select them. With them, the photos of a stack are compared.',
    LOC '$$$/Autocull/Stacks/With=With them',
    LOC '$$$/Autocull/Stacks/Cancel=Cancel',
    LOC '$$$/Autocull/Stacks/Without=Without them'
  )
end

--- Returns the photos to judge and how many of collapsed stacks are left out; nil where the photographer cancels.
-- `choice`: whether those in collapsed stacks are judged too; nil to ask, where there are any.
function Stacks.offer(photos, choice)
  local hidden = Stacks.hidden(photos)
  if #hidden == 0 then return photos, 0 end
  if choice == nil then
    local answer = confirm(#hidden)
    if answer == 'cancel' then return nil end
    choice = answer == 'ok'
  end
  if not choice then return photos, #hidden end
  local all = {}
  for _, list in ipairs { photos, hidden } do
    for _, photo in ipairs(list) do all[#all + 1] = photo end
  end
  return all, 0
end

return Stacks
