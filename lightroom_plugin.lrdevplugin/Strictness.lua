--[[ Strictness: how far the daemon's limits are moved, in steps from -2 (lenient) to 2 (strict). Pure: no host.

Each step moves a limit by a quarter of its distance from the end of its scale at which nothing is rejected. Step 0
sends nothing: the limits of the profile apply.
]]

local Strictness = {}

Strictness.MOST = 2

local STEP = 1.25

-- Rejects up to this value: a larger limit is stricter.
local function upTo(value, factor) return value * factor end

-- Rejects from this probability on: a smaller limit is stricter.
local function from(value, factor) return 1 - (1 - value) * factor end

-- Cannot tell within this margin: a smaller one is stricter.
local function within(value, factor) return value / factor end

Strictness.LIMITS = {
  eyes_reject = upTo,
  focus_reject = upTo,
  dark_reject = from,
  bright_reject = from,
  flare_reject = from,
  quality_reject = from,
  noise_reject = from,
  series_margin = within,
}

local function clamp(value, low, high)
  return math.max(low or value, math.min(high or value, value))
end

-- Three decimals, as documented.
local function round(value)
  return math.floor(value * 1000 + 0.5) / 1000
end

--- Returns the changed settings of a job by name, from the daemon's list of settings; an empty table for step 0.
function Strictness.changes(listed, profile, step)
  local changes = {}
  if step == 0 then return changes end
  for _, setting in ipairs(listed) do
    local move, value = Strictness.LIMITS[setting.name], setting.default and setting.default[profile]
    if move and type(value) == 'number' then
      changes[setting.name] = clamp(round(move(value, STEP ^ step)), setting.minimum, setting.maximum)
    end
  end
  return changes
end

return Strictness
